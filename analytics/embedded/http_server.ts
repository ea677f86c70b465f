/** ClickHouse's HTTP interface over the embedded engine: routes, users, answers and errors. */
import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { loggerOf } from "../../events/logging.ts";
import { Admission } from "./admission.ts";
import { refuseForeign } from "./browser_guard.ts";
import { ClickHouseException, httpStatusOf } from "./clickhouse_exception.ts";
import type { Engine } from "./engine.ts";
import { readCredentials, readQueryRequest } from "./http_request.ts";
import { contentTypeOf } from "./output_format.ts";
import { ReaderGuard } from "./reader_guard.ts";
import { type QueryContext, type Role, runQuery } from "./run_query.ts";
import type { ResultStream, Summary } from "./session.ts";

const log = loggerOf("clickhouse");

/** How many queries of readers, and how many of writers, run at a time, wait, and for how long. */
const admissionLimits = { runningMax: 4, waitingMax: 64, waitMsMax: 30_000 };

/** How long queries may go on when the server stops; then they are cancelled. */
const stopMs = 3000;

export interface ClickHouseServerOptions {
  engine: Engine;
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Of the user `turnlog`, who may do all; the user `default` needs none and may only read. */
  password: string;
  allowedHosts: readonly string[];
}

export interface ClickHouseServer {
  port: number;
  /** Takes no more queries, lets those that run end for a few seconds, and cancels the rest. */
  stop(): Promise<void>;
}

export async function startClickHouseServer(
  { engine, host, port, password, allowedHosts }: ClickHouseServerOptions,
): Promise<ClickHouseServer> {
  const context: QueryContext = {
    engine,
    guard: await ReaderGuard.create(engine),
    admissions: { reader: new Admission(admissionLimits), writer: new Admission(admissionLimits) },
  };
  const stopping = new AbortController();
  const server = Deno.serve({ hostname: host, port, onListen: () => {} }, async (request) => {
    const foreign = refuseForeign(request, allowedHosts);
    if (foreign !== null) return new Response(`Forbidden: ${foreign}\n`, { status: 403 });
    const { pathname, searchParams } = new URL(request.url);
    const isQuery = pathname === "/" && (request.method === "POST" || searchParams.has("query"));
    if (isQuery) return await answerQuery(context, password, stopping.signal, request);
    if (pathname === "/" || pathname === "/ping" || pathname === "/replicas_status") {
      return new Response("Ok.\n", { headers: commonHeaders() });
    }
    return new Response(`There is no handle ${pathname}\n`, { status: 404 });
  });
  return {
    port: server.addr.port,
    async stop() {
      const timer = setTimeout(() => stopping.abort(), stopMs);
      await server.shutdown();
      clearTimeout(timer);
    },
  };
}

async function answerQuery(
  context: QueryContext,
  password: string,
  stopping: AbortSignal,
  request: Request,
): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const queryId = searchParams.get("query_id") || crypto.randomUUID();
  try {
    if (request.method !== "GET" && request.method !== "POST") {
      throw ClickHouseException.of("NOT_IMPLEMENTED", `Method ${request.method} is not supported`);
    }
    const role = roleOf(readCredentials(request, searchParams), password);
    const query = await readQueryRequest(request, searchParams, queryId);
    const { format, summary, body, rest } = await runQuery(context, query, {
      role,
      mayWrite: request.method === "POST",
      cancelled: AbortSignal.any([request.signal, stopping]),
    });
    const exceptionTag = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
    const headers = commonHeaders(queryId);
    headers.set("content-type", contentTypeOf(format));
    headers.set("x-clickhouse-format", format);
    headers.set("x-clickhouse-timezone", "UTC");
    headers.set("x-clickhouse-exception-tag", exceptionTag);
    if (summary !== null) headers.set("x-clickhouse-summary", summaryText(summary));
    const content = rest === null ? body : streamOf(body, rest, exceptionTag);
    if (!query.compress) return new Response(content, { headers });
    headers.set("content-encoding", "gzip");
    const compressed = new Response(content).body!.pipeThrough(new CompressionStream("gzip"));
    return new Response(compressed, { headers });
  } catch (error) {
    return errorResponse(error, queryId);
  }
}

/** @throws ClickHouseException with code 516 for a wrong name or password, not telling which. */
function roleOf({ user, password }: { user: string; password: string }, expected: string): Role {
  if (user === "default") return "reader";
  if (user === "turnlog" && timingSafeEqual(digest(password), digest(expected))) return "writer";
  throw ClickHouseException.of(
    "AUTHENTICATION_FAILED",
    `${user}: Authentication failed: password is incorrect, or there is no user with such name`,
  );
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/**
 * A result in pieces as the body of an answer. An error after the first piece is written as ClickHouse does it, in a
 * block that clients recognise by the tag in the header, and the connection is broken off.
 */
function streamOf(
  first: Uint8Array<ArrayBuffer>,
  rest: ResultStream,
  exceptionTag: string,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let failure: string | undefined;
  return new ReadableStream({
    start: (controller) => controller.enqueue(first),
    async pull(controller) {
      // Asked for more, so the block with the error is on its way.
      if (failure !== undefined) return controller.error(failure);
      try {
        const piece = await rest.next();
        if (piece !== null) return controller.enqueue(piece.body);
        await rest.end();
        controller.close();
      } catch (error) {
        await rest.end();
        // A text: Deno prints it, and a stack would say nothing more.
        failure = error instanceof Error ? error.message : String(error);
        controller.enqueue(exceptionBlock(failure, exceptionTag));
      }
    },
    cancel: () => rest.end(),
  }, { highWaterMark: 1 });
}

function exceptionBlock(message: string, tag: string): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const marker = "\r\n__exception__\r\n";
  const { length } = encoder.encode(`${message}\n`);
  return encoder.encode(`${marker}${tag}\r\n${message}\n${length} ${tag}${marker}`);
}

function errorResponse(error: unknown, queryId: string): Response {
  const exception = error instanceof ClickHouseException
    ? error
    : ClickHouseException.of("STD_EXCEPTION", String(error));
  if (exception !== error) log.error("A query failed within the server", { queryId, error });
  const headers = commonHeaders(queryId);
  headers.set("content-type", "text/plain; charset=UTF-8");
  headers.set("x-clickhouse-exception-code", String(exception.code));
  const status = httpStatusOf(exception.code);
  if (status === 401) headers.set("www-authenticate", 'Basic realm="ClickHouse server HTTP API"');
  return new Response(`${exception.message}\n`, { status, headers });
}

function commonHeaders(queryId?: string): Headers {
  const headers = new Headers({ "x-clickhouse-server-display-name": "turnlog-embedded" });
  if (queryId !== undefined) headers.set("x-clickhouse-query-id", queryId);
  return headers;
}

function summaryText(summary: Summary): string {
  return JSON.stringify({
    read_rows: String(summary.readRows),
    read_bytes: String(summary.readBytes),
    written_rows: String(summary.writtenRows),
    written_bytes: String(summary.writtenBytes),
    total_rows_to_read: "0",
    result_rows: String(summary.resultRows),
    result_bytes: String(summary.resultBytes),
    elapsed_ns: String(summary.elapsedNs),
  });
}
