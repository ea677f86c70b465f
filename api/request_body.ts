/** Reads the body of a request, within limits of size and time, and sees to it that it is JSON. */
import type { MiddlewareHandler } from "hono";
import { ProblemError } from "./problem.ts";
import type { ApiEnvironment } from "./router.ts";

/** A message of the greatest length with every character escaped, and what stands around it. */
const bodyBytesMax = 1_500_000;
/** A body that has not arrived by then never will. */
const bodyMsMax = 20_000;

/**
 * Reads bodies before the routes do; a route then finds the whole body there.
 *
 * @param msMax How long a body may take to arrive.
 */
export function readBody(msMax: number = bodyMsMax): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const { raw } = context.req;
    const bytes = raw.body === null ? noBytes : await readAll(raw, msMax);
    if (bytes.length > 0) context.set("body", parseJson(raw.headers.get("content-type"), bytes));
    // Deno gives a POST without a body an empty stream, which is read by now.
    if (raw.body !== null || raw.headers.has("content-type")) {
      const headers = new Headers(raw.headers);
      // A client may announce a type for a body that it then leaves out.
      if (bytes.length === 0) headers.delete("content-type");
      const { method, signal } = raw;
      const body = bytes.length === 0 ? null : bytes;
      context.req.raw = new Request(raw.url, { method, headers, signal, body });
    }
    await next();
  };
}

const noBytes = new Uint8Array();

async function readAll(request: Request, msMax: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length") ?? 0) > bodyBytesMax) throw tooLarge();
  const reader = request.body!.getReader();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(tooSlow(msMax)), msMax);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    while (true) {
      const { done, value } = await Promise.race([reader.read(), late.promise]);
      if (done) break;
      chunks.push(value);
      length += value.length;
      if (length > bodyBytesMax) throw tooLarge();
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

/** That a body must say that it is JSON also keeps the forms of other sites out: for that, a browser asks first. */
function parseJson(contentType: string | null, bytes: Uint8Array): unknown {
  if (!/^application\/(.+\+)?json\s*(;|$)/i.test(contentType ?? "")) {
    throw new ProblemError(
      "unsupported-media-type",
      `Send content-type: application/json; it was ${contentType ?? "not set"}`,
    );
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ProblemError("invalid-json", `The body cannot be read: ${(error as Error).message}`);
  }
}

function tooLarge(): ProblemError {
  return new ProblemError("too-large", `A body may have ${bodyBytesMax} bytes at most`);
}

function tooSlow(msMax: number): ProblemError {
  return new ProblemError(
    "too-slow",
    `The body was not complete within ${msMax / 1000} s; nothing was changed`,
  );
}
