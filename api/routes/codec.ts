/** The codec server of the Temporal UI: decrypts payloads for operators, and encrypts what they enter. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Payload, PayloadCodec } from "@temporalio/common";
import { Buffer } from "node:buffer";
import { PayloadKeyError } from "../../events/payload_codec.ts";
import type { Operations } from "../operations.ts";
import { ProblemError } from "../problem.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswers } from "../router.ts";

/** The most payloads of one request. */
const payloadsMax = 1000;

const base64 = z.base64();
/** A payload as Temporal writes it in JSON: bytes in base64. */
const payload = z.object({
  metadata: z.record(z.string(), base64).optional(),
  data: base64.optional(),
});
const payloads = z.object({ payloads: z.array(payload).max(payloadsMax) })
  .openapi("Payloads");
type PayloadJson = z.output<typeof payload>;

const shared = {
  method: "post" as const,
  tags: ["Operations"],
  request: {
    ...jsonBody(payloads),
    headers: z.object({ "x-namespace": z.string().max(1000).optional() }),
  },
  responses: {
    200: jsonAnswer(payloads, "The same payloads, in the same order"),
    ...problemAnswers,
  },
};

const decode = createRoute({
  ...shared,
  path: "/api/codec/decode",
  summary: "Decrypt payloads, as the Temporal UI asks for it",
});

const encode = createRoute({
  ...shared,
  path: "/api/codec/encode",
  summary: "Encrypt payloads, as the Temporal UI asks for it",
});

export function codecRoutes(
  { payloadCodec, operations }: { payloadCodec: PayloadCodec; operations: Operations },
) {
  return createRouter()
    .openapi(decode, async (context) => {
      const { payloads } = context.req.valid("json");
      await operations.record(context.get("operator"), "payloads", {
        action: "decode-payloads",
        detail: describe(payloads, context.req.valid("header")["x-namespace"]),
      });
      try {
        const decoded = await payloadCodec.decode(payloads.map(fromJson));
        return context.json({ payloads: decoded.map(toJson) }, 200);
      } catch (error) {
        if (!(error instanceof PayloadKeyError)) throw error;
        throw new ProblemError("payload-unreadable", error.message);
      }
    })
    .openapi(encode, async (context) => {
      const { payloads } = context.req.valid("json");
      await operations.record(context.get("operator"), "payloads", {
        action: "encode-payloads",
        detail: describe(payloads, context.req.valid("header")["x-namespace"]),
      });
      const encoded = await payloadCodec.encode(payloads.map(fromJson));
      return context.json({ payloads: encoded.map(toJson) }, 200);
    });
}

function describe(payloads: PayloadJson[], namespace = "unknown"): string {
  return `namespace=${namespace} payloads=${payloads.length}`;
}

function fromJson({ metadata = {}, data = "" }: PayloadJson): Payload {
  const bytes = Object.entries(metadata).map(([name, value]) => [name, bytesOf(value)]);
  return { metadata: Object.fromEntries(bytes), data: bytesOf(data) };
}

function toJson({ metadata, data }: Payload): PayloadJson {
  const texts = Object.entries(metadata ?? {}).map(([name, value]) => [name, textOf(value)]);
  return { metadata: Object.fromEntries(texts), data: textOf(data) };
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? new Uint8Array()).toString("base64");
}
