/** The small HTTP server by which whoever runs a process sees that it is alive and ready, and reads its metrics. */

export interface HealthServerOptions {
  /** On which address to listen. */
  host: string;
  port: number;
  /** The state of each dependency: `ok`, or what is wrong with it. */
  checkReadiness(): Promise<Readiness>;
  /** The process's metrics in Prometheus' text format. */
  metrics(): Promise<string>;
}

/** Dependency → `ok` or what is wrong with it. */
export type Readiness = Record<string, string>;

export function isReady(readiness: Readiness): boolean {
  return Object.values(readiness).every((state) => state === "ok");
}

/** Serves `/healthz`, `/readyz` and `/metrics`. */
export function startHealthServer(options: HealthServerOptions): Deno.HttpServer {
  return Deno.serve(
    { hostname: options.host, port: options.port, onListen: () => {} },
    async (request) => {
      switch (new URL(request.url).pathname) {
        case "/healthz":
          return Response.json({ status: "alive" });
        case "/readyz": {
          const readiness = await options.checkReadiness();
          return Response.json(readiness, { status: isReady(readiness) ? 200 : 503 });
        }
        case "/metrics":
          return new Response(await options.metrics(), {
            headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
          });
        default:
          return new Response("Not found. This server has /healthz, /readyz and /metrics\n", {
            status: 404,
          });
      }
    },
  );
}

/**
 * Runs one readiness check.
 *
 * @returns `ok`, or the error's message; a check that has not answered within two seconds is not ready.
 */
export async function readinessOf(check: () => Promise<unknown>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("no answer within 2 s"), 2000);
  });
  const checked = check().then(
    () => "ok",
    (error) => error instanceof Error ? error.message : String(error),
  );
  try {
    return await Promise.race([checked, late]);
  } finally {
    clearTimeout(timer);
  }
}
