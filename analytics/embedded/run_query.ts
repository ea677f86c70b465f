/** Runs one query: a session of its own, what its user may do, and its result whole or in pieces. */
import { quoteString } from "../quote.ts";
import type { Admission } from "./admission.ts";
import { ClickHouseException } from "./clickhouse_exception.ts";
import type { Engine, EngineSettings } from "./engine.ts";
import type { QueryRequest } from "./http_request.ts";
import { defaultFormat, formatClauseOf, mayStream } from "./output_format.ts";
import { nativeFor, nativeSettingsFor } from "./native_blocks.ts";
import type { ReaderGuard } from "./reader_guard.ts";
import { type QueryResult, type ResultStream, type Session, type Summary } from "./session.ts";
import { heldResultBytesMax, readerSettings, writerSettings } from "./user_settings.ts";

export interface QueryContext {
  engine: Engine;
  guard: ReaderGuard;
  /** Readers and writers do not wait for each other. */
  admissions: Record<Role, Admission>;
}

export type Role = "reader" | "writer";

export interface QueryAnswer {
  format: string;
  /** Of the whole result; of what was done so far where it comes in pieces. */
  summary: Summary | null;
  /** The result, or its beginning. */
  body: Uint8Array<ArrayBuffer>;
  /** The pieces after the beginning. */
  rest: ResultStream | null;
}

/**
 * @param role Whose rights the query has. @param mayWrite False for a request by GET, which only reads, whoever asks.
 * @param cancelled Aborted when the client goes away: then the query ends.
 * @throws ClickHouseException with all that is wrong before the first piece of the result is there.
 */
export async function runQuery(
  { engine, guard, admissions }: QueryContext,
  request: QueryRequest,
  { role, mayWrite, cancelled }: { role: Role; mayWrite: boolean; cancelled: AbortSignal },
): Promise<QueryAnswer> {
  const settings = settingsOf(request, role);
  const leave = await admissions[role].enter(cancelled);
  const tag = crypto.randomUUID();
  let session: Session | undefined;
  let rest: ResultStream | null = null;
  const cancel = async () => {
    // A session that cannot be cancelled runs to its end, within its limits.
    await engine.cancel(tag).catch(() => {});
    await rest?.end();
  };
  let ended = false;
  const end = async () => {
    if (ended) return;
    ended = true;
    cancelled.removeEventListener("abort", cancel);
    await session?.close();
    leave();
  };
  try {
    session = await engine.openSession({
      role,
      settings: { ...settings, log_comment: tag },
      parameters: request.parameters,
      database: request.database,
    });
    cancelled.addEventListener("abort", cancel, { once: true });
    if (cancelled.aborted) {
      throw ClickHouseException.of("QUERY_WAS_CANCELLED", "The client went away");
    }
    const answer = await answerOf({ session, guard, request, role, mayWrite });
    rest = answer.rest && endingWith(answer.rest, end);
    if (rest === null) await end();
    return answer.format === "Native"
      ? nativeAnswer({ ...answer, rest }, request.protocolVersion)
      : { ...answer, rest };
  } catch (error) {
    await rest?.end();
    await end();
    throw error;
  }
}

function settingsOf(
  { settings, sessionId, protocolVersion }: QueryRequest,
  role: Role,
): EngineSettings {
  const native = nativeSettingsFor(protocolVersion);
  // Nothing of a reader's query outlives it, so that a session would have nothing to keep.
  if (role === "reader") return { ...native, ...readerSettings(settings) };
  if (sessionId !== undefined) {
    throw ClickHouseException.of(
      "NOT_IMPLEMENTED",
      "The embedded ClickHouse has no sessions over several requests; leave session_id away",
    );
  }
  return { ...native, ...writerSettings(settings) };
}

async function answerOf(
  { session, guard, request, role, mayWrite }: {
    session: Session;
    guard: ReaderGuard;
    request: QueryRequest;
    role: Role;
    mayWrite: boolean;
  },
): Promise<QueryAnswer> {
  const { statement, rows } = request;
  const { statements, kind } = await session.classify(
    rows === undefined ? statement : `${decode(statement)} FORMAT ${rows.format}`,
  );
  if (statements > 1) {
    throw ClickHouseException.of("SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)");
  }
  if (role === "writer" && !mayWrite) await session.run("SET readonly = 2");
  if (kind === "reads") return await read(session, guard, request, role);
  if (kind === "unknown") return await refuseUnknown(session, decode(statement), role);
  if (role === "reader") {
    throw ClickHouseException.of("READONLY", "default: Cannot execute query in readonly mode");
  }
  const result = rows === undefined
    ? await session.run(statement)
    : await session.insert(decode(statement), rows.format, rows.pieces);
  return whole(result, request.format ?? defaultFormat);
}

async function read(
  session: Session,
  guard: ReaderGuard,
  request: QueryRequest,
  role: Role,
): Promise<QueryAnswer> {
  const statement = decode(request.statement);
  const oneLine = await formatted(session, statement);
  const format = formatClauseOf(oneLine) ?? request.format ?? defaultFormat;
  const streams = mayStream(format) && !request.waitForEnd && /^(?:SELECT|WITH|\()/.test(oneLine);
  if (role === "reader") {
    guard.check(oneLine, request.parameters);
    const held = streams ? "" : `max_result_bytes = ${heldResultBytesMax}, `;
    await session.run(`SET ${held}readonly = 1`);
  }
  if (!streams) return whole(await session.run(statement, format), format);

  const stream = await session.stream(statement, format);
  try {
    // With the first piece the query has shown that it runs: an error before it gets its proper status.
    const first = await stream.next();
    if (first !== null) return { ...whole(first, format), rest: stream };
    await stream.end();
    return { format, summary: null, body: new Uint8Array(), rest: null };
  } catch (error) {
    await stream.end();
    throw error;
  }
}

/**
 * Makes the engine say what it does not understand. Only the streaming call is safe for that: it parses the text as one
 * statement before it runs anything, and runs nothing but a SELECT.
 */
async function refuseUnknown(session: Session, statement: string, role: Role): Promise<never> {
  if (role === "reader") await session.run("SET readonly = 1");
  const stream = await session.stream(statement, defaultFormat);
  await stream.end();
  throw ClickHouseException.of("SYNTAX_ERROR", "The statement was not understood");
}

/** The statement as the engine's parser understands it, on one line, without comments. */
async function formatted(session: Session, statement: string): Promise<string> {
  const { body } = await session.run(
    `SELECT formatQuerySingleLine(${quoteString(statement)})`,
    "TSVRaw",
  );
  return decode(body).trimEnd();
}

function whole({ body, summary }: QueryResult, format: string): QueryAnswer {
  return { format, summary, body, rest: null };
}

function nativeAnswer(answer: QueryAnswer, version: number): QueryAnswer {
  const { body, rest } = answer;
  return {
    ...answer,
    body: nativeFor(version, body),
    rest: rest && {
      async next() {
        const piece = await rest.next();
        return piece && { ...piece, body: nativeFor(version, piece.body) };
      },
      end: () => rest.end(),
    },
  };
}

function endingWith(stream: ResultStream, onEnd: () => Promise<void>): ResultStream {
  return {
    next: () => stream.next(),
    async end() {
      await stream.end();
      await onEnd();
    },
  };
}

/** Exactly: what is checked as text must be what runs as bytes. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw ClickHouseException.of("BAD_ARGUMENTS", "The statement is not valid UTF-8");
  }
}
