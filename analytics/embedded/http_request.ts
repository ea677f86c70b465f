/** Reads a request of ClickHouse's HTTP interface: who asks, the statement, its parameters and settings, and its rows. */
import { ClickHouseException } from "./clickhouse_exception.ts";
import { concatenate } from "./concatenate.ts";

/** The longest statement, with the rows that stand in it; rows that come beside the statement have no such limit. */
export const statementBytesMax = 64 * 1024 * 1024;

/** How long a client may take until the next part of its request comes. */
const bodyIdleMsMax = 60_000;

export interface Credentials {
  user: string;
  password: string;
}

export interface QueryRequest {
  queryId: string;
  /** The statement, with its rows where an INSERT has them in it. */
  statement: Uint8Array<ArrayBuffer>;
  /** The rows of an INSERT that stands in the address; `statement` is then without its FORMAT or VALUES. */
  rows?: { format: string; pieces: AsyncIterable<Uint8Array<ArrayBuffer>> };
  /** The format of the answer, where the statement names none. */
  format?: string;
  database?: string;
  /** Values for `{name:Type}`. */
  parameters: Record<string, string>;
  settings: Record<string, string>;
  /** Whether the answer must be complete before any of it is sent. */
  waitForEnd: boolean;
  /** Whether the answer may be compressed with gzip. */
  compress: boolean;
  /** The version of ClickHouse's protocol that the client speaks, which the format Native depends on; 0 is the oldest. */
  protocolVersion: number;
  /** A session by which several requests would share a state. */
  sessionId?: string;
}

/** Parameters of the interface that are neither settings nor values for placeholders. */
const reserved = new Set([
  "client_protocol_version",
  "compress",
  "database",
  "decompress",
  "default_format",
  "password",
  "query",
  "query_id",
  "quota_key",
  "role",
  "session_check",
  "session_id",
  "session_timeout",
  "stacktrace",
  "user",
  // Settings that work on the HTTP interface alone.
  "buffer_size",
  "cancel_http_readonly_queries_on_client_close",
  "enable_http_compression",
  "http_headers_progress_interval_ms",
  "http_response_buffer_size",
  "http_write_exception_in_output_format",
  "http_zlib_compression_level",
  "send_progress_in_http_headers",
  "wait_end_of_query",
]);

/** An INSERT whose rows do not stand in it: they are the body of the request. */
const insertWithoutRows =
  /^(?<statement>\s*INSERT\s.*?)\s(?:FORMAT\s+(?<format>[A-Za-z]\w*)|(?<values>VALUES))\s*;?\s*$/is;

/** @returns Who asks, by any of the ways that ClickHouse knows; `default` where the request does not say. */
export function readCredentials(request: Request, query: URLSearchParams): Credentials {
  const basic = /^Basic (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (basic !== undefined) {
    const [, user, password] = /^([^:]*):?(.*)$/s.exec(decodeBase64(basic))!;
    return { user: user || "default", password };
  }
  return {
    user: request.headers.get("x-clickhouse-user") ?? query.get("user") ?? "default",
    password: request.headers.get("x-clickhouse-key") ?? query.get("password") ?? "",
  };
}

/**
 * @param queryId The id of the query, where the request has none.
 * @throws ClickHouseException where the request asks for what the embedded server does not have, or is too large.
 */
export async function readQueryRequest(
  request: Request,
  query: URLSearchParams,
  queryId: string,
): Promise<QueryRequest> {
  refuseUnsupported(query);
  const fields = new URLSearchParams(query);
  let pieces = bodyPieces(request);
  if (request.headers.get("content-type")?.startsWith("multipart/form-data")) {
    await addFormFields(fields, request, pieces);
    pieces = nothing();
  }
  const common = {
    queryId,
    format: request.headers.get("x-clickhouse-format") ?? fields.get("default_format") ?? undefined,
    database: request.headers.get("x-clickhouse-database") ?? fields.get("database") ?? undefined,
    sessionId: fields.get("session_id") ?? undefined,
    protocolVersion: Number(fields.get("client_protocol_version") ?? 0) || 0,
    waitForEnd: isTrue(fields.get("wait_end_of_query")),
    compress: isTrue(fields.get("enable_http_compression")) &&
      /\bgzip\b/.test(request.headers.get("accept-encoding") ?? ""),
    ...readSettings(fields),
  };
  const inAddress = fields.get("query") ?? "";
  const insert = insertWithoutRows.exec(inAddress)?.groups;
  if (insert !== undefined) {
    const format = insert.format ?? "Values";
    return { ...common, statement: encode(insert.statement), rows: { format, pieces } };
  }
  const body = await collect(pieces, statementBytesMax);
  const statement = body.length === 0
    ? encode(inAddress)
    : inAddress === ""
    ? body
    : concatenate([encode(`${inAddress}\n`), body]);
  return { ...common, statement };
}

function refuseUnsupported(query: URLSearchParams): void {
  const unsupported = [
    [isTrue(query.get("compress")), "compress=1; use enable_http_compression=1"],
    [isTrue(query.get("decompress")), "decompress=1; use Content-Encoding: gzip"],
    [query.has("role"), "the parameter role; rights come with the user"],
  ].find(([given]) => given)?.[1];
  if (unsupported) {
    throw ClickHouseException.of(
      "NOT_IMPLEMENTED",
      `The embedded ClickHouse does not support ${unsupported}`,
    );
  }
}

function readSettings(
  fields: URLSearchParams,
): Pick<QueryRequest, "settings" | "parameters"> {
  const settings: Record<string, string> = {};
  const parameters: Record<string, string> = {};
  for (const [name, value] of fields) {
    if (reserved.has(name)) continue;
    if (name.startsWith("param_")) parameters[name.slice("param_".length)] = value;
    else settings[name] = value;
  }
  return { settings, parameters };
}

/** `@clickhouse/client` sends long parameters as the fields of a form. */
async function addFormFields(
  fields: URLSearchParams,
  request: Request,
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const body = await collect(pieces, statementBytesMax);
  const contentType = request.headers.get("content-type")!;
  let form: FormData;
  try {
    form = await new Response(body, { headers: { "content-type": contentType } }).formData();
  } catch {
    throw ClickHouseException.of("BAD_ARGUMENTS", "The request's form cannot be read");
  }
  for (const [name, value] of form) {
    if (typeof value !== "string") {
      throw ClickHouseException.of(
        "NOT_IMPLEMENTED",
        "The embedded ClickHouse does not support external tables",
      );
    }
    fields.append(name, value);
  }
}

/** The body in pieces, decompressed. */
function bodyPieces(request: Request): AsyncIterable<Uint8Array<ArrayBuffer>> {
  if (request.body === null) return nothing();
  const encoding = request.headers.get("content-encoding") ?? "identity";
  switch (encoding) {
    case "identity":
      return withIdleLimit(request.body);
    case "gzip":
    case "deflate":
      return withIdleLimit(request.body.pipeThrough(new DecompressionStream(encoding)));
    default:
      throw ClickHouseException.of(
        "UNSUPPORTED_MEDIA_TYPE",
        `The embedded ClickHouse reads bodies as they are or with Content-Encoding gzip or deflate, not ${encoding}`,
      );
  }
}

async function* withIdleLimit(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  try {
    while (true) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(
        () =>
          late.reject(
            ClickHouseException.of(
              "SOCKET_TIMEOUT",
              `The request's body stopped for ${bodyIdleMsMax} ms`,
            ),
          ),
        bodyIdleMsMax,
      );
      let read: ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;
      try {
        read = await Promise.race([reader.read(), late.promise]);
      } finally {
        clearTimeout(timer);
      }
      if (read.done) return;
      yield read.value;
    }
  } catch (error) {
    if (error instanceof ClickHouseException) throw error;
    throw ClickHouseException.of("ABORTED", `The request's body cannot be read: ${error}`);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function* nothing(): AsyncGenerator<Uint8Array<ArrayBuffer>> {}

async function collect(
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > bytesMax) {
      throw ClickHouseException.of(
        "QUERY_IS_TOO_LARGE",
        `The statement is longer than ${bytesMax} bytes. ` +
          "Send an INSERT as the parameter query, and its rows as the body",
      );
    }
    parts.push(piece);
  }
  return concatenate(parts);
}

function isTrue(value: string | null): boolean {
  return value === "1" || value === "true";
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function decodeBase64(text: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.fromBase64(text));
  } catch {
    throw ClickHouseException.of("AUTHENTICATION_FAILED", "The header Authorization is not Base64");
  }
}
