/** Reads the body of a request, within limits of size and time, and sees to it that it is JSON. */
import type { MiddlewareHandler } from "hono";
import { ProblemError } from "./problem.ts";

/** A message of the greatest length with every character escaped, and what stands around it. */
const bodyBytesMax = 1_500_000;
/** A body that has not arrived by then never will. */
const bodyMsMax = 20_000;

/** Reads bodies before the routes do; a route then finds the whole body there. */
export const readBody: MiddlewareHandler = async (context, next) => {
  const { raw } = context.req;
  if (raw.body !== null) {
    const bytes = await readAll(raw.body, Number(raw.headers.get("content-length") ?? 0));
    const headers = new Headers(raw.headers);
    if (bytes.length === 0) headers.delete("content-type");
    else requireJson(headers.get("content-type"), bytes);
    const { method, signal } = raw;
    const body = bytes.length === 0 ? null : bytes;
    context.req.raw = new Request(raw.url, { method, headers, signal, body });
  }
  await next();
};

async function readAll(
  body: ReadableStream<Uint8Array>,
  announcedBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (announcedBytes > bodyBytesMax) throw tooLarge();
  const reader = body.getReader();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(tooSlow()), bodyMsMax);
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
function requireJson(contentType: string | null, bytes: Uint8Array): void {
  if (!/^application\/(.+\+)?json\s*(;|$)/i.test(contentType ?? "")) {
    throw new ProblemError(
      "unsupported-media-type",
      `Send content-type: application/json; it was ${contentType ?? "not set"}`,
    );
  }
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ProblemError("invalid-json", `The body cannot be read: ${(error as Error).message}`);
  }
}

function tooLarge(): ProblemError {
  return new ProblemError("too-large", `A body may have ${bodyBytesMax} bytes at most`);
}

function tooSlow(): ProblemError {
  const seconds = bodyMsMax / 1000;
  return new ProblemError(
    "too-slow",
    `The body was not complete within ${seconds} s; nothing was changed`,
  );
}
