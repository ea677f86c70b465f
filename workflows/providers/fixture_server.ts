/** A server that answers every request with one recorded answer, for the providers' tests. */
import type { Candidate, ProviderKind } from "../../events/contract/turn_plan.ts";
import type { ProviderCall } from "./provider.ts";

export interface Recorded {
  /** A file of `fixtures/`, or the body itself. */
  body: string | object;
  status?: number;
  headers?: Record<string, string>;
}

/**
 * Runs a test against the server.
 *
 * @param run Gets a call that goes there, and what the server was sent.
 */
export async function withRecorded(
  kind: ProviderKind,
  { body, status = 200, headers = {} }: Recorded,
  run: (
    call: ProviderCall,
    requests: { path: string; headers: Headers; body: Record<string, unknown> }[],
  ) => Promise<void>,
): Promise<void> {
  const requests: { path: string; headers: Headers; body: Record<string, unknown> }[] = [];
  const content = typeof body === "string"
    ? await Deno.readFile(new URL(`fixtures/${body}`, import.meta.url))
    : JSON.stringify(body);
  const type = typeof body === "string" && body.endsWith(".sse")
    ? "text/event-stream"
    : "application/json";
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname.endsWith("/models")) return Response.json({ data: [{ id: "listed" }] });
      requests.push({
        path: pathname,
        headers: request.headers,
        body: await request.json(),
      });
      return new Response(content, { status, headers: { "content-type": type, ...headers } });
    },
  );
  const origin = `http://127.0.0.1:${server.addr.port}`;
  await run(callTo(kind, kind === "openai" ? `${origin}/v1` : origin), requests);
}

/** A call to this address that says hello. */
export function callTo(kind: ProviderKind, baseUrl: string): ProviderCall {
  const candidate: Candidate = {
    model: "m",
    provider: "p",
    kind,
    baseUrl,
    requestModel: "m",
    vllm: false,
    parameters: {},
  };
  return {
    candidate,
    apiKey: "key",
    systemPrompt: undefined,
    parameters: {},
    messages: [{ role: "user", content: "Hello" }],
    partialText: "",
    turnId: "t",
    attempt: 1,
    signal: new AbortController().signal,
  };
}
