/** Where the api asks a start to start and stop servers of models, and how they are; on loopback, for who has the token. */
import { timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { WantedProcess } from "../api/server_processes.ts";
import type { ModelServerProcesses } from "./model_server_processes.ts";

export interface SupervisorServer {
  url: string;
  token: string;
  close(): Promise<void>;
}

const change = z.object({
  state: z.enum(["running", "stopped"] satisfies WantedProcess[]),
});

export function serveSupervisor(servers: ModelServerProcesses): SupervisorServer {
  const token = crypto.randomUUID();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      if (!isAuthorized(request, token)) return new Response("no token", { status: 401 });
      const provider = decodeURIComponent(new URL(request.url).pathname.slice(1));
      if (request.method === "GET" && provider === "") return Response.json(servers.states());
      if (request.method !== "PUT") return new Response("GET / or PUT /provider", { status: 405 });
      if (!Object.hasOwn(servers.states(), provider)) return new Response("", { status: 404 });
      const { state } = change.parse(await request.json());
      return Response.json({ changed: await servers.change(provider, state) });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    token,
    close: () => server.shutdown(),
  };
}

function isAuthorized({ headers }: Request, token: string): boolean {
  const given = new TextEncoder().encode(headers.get("authorization") ?? "");
  const expected = new TextEncoder().encode(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
