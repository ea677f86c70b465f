import { defaultPayloadConverter, type Payload } from "@temporalio/common";
import assert from "node:assert/strict";
import { createPayloadCodec, type PayloadKey, PayloadKeyError } from "./payload_codec.ts";

const text = "What nobody else may read";
const plain = defaultPayloadConverter.toPayload({ text });

function keyOf(id: string, byte: number): PayloadKey {
  return { id, key: new Uint8Array(32).fill(byte) };
}
const old = keyOf("2025", 1);
const current = keyOf("2026", 2);

const textOf = (payload: Payload) => JSON.stringify(defaultPayloadConverter.fromPayload(payload));
const raw = ({ metadata, data }: Payload) =>
  [...Object.values(metadata ?? {}), data].map((bytes) => new TextDecoder().decode(bytes!)).join();

Deno.test("what was encrypted is read again, and cannot be read without the key", async () => {
  const codec = createPayloadCodec([current]);
  const [first, second] = await codec.encode([plain, plain]);
  assert.doesNotMatch(raw(first), /nobody|json/);
  assert.notDeepEqual(first.data, second.data, "the same text is not recognised");
  const decoded = await codec.decode([first, second]);
  assert.deepEqual(decoded.map(textOf), [JSON.stringify({ text }), JSON.stringify({ text })]);
});

Deno.test("a new key encrypts, and what the old one encrypted is still read", async () => {
  const [before] = await createPayloadCodec([old]).encode([plain]);
  const rotated = createPayloadCodec([current, old]);
  const [after] = await rotated.encode([plain]);
  assert.match(raw(after), /2026/);
  const decoded = await rotated.decode([before, after]);
  assert.deepEqual(decoded.map(textOf), [JSON.stringify({ text }), JSON.stringify({ text })]);
});

Deno.test("what was stored before there were keys is read as it is", async () => {
  const [decoded] = await createPayloadCodec([current]).decode([plain]);
  assert.equal(decoded, plain);
});

Deno.test("without keys nothing is encrypted", async () => {
  assert.deepEqual(await createPayloadCodec([]).encode([plain]), [plain]);
});

Deno.test("a key that is not there is named, with what to do", async () => {
  const [before] = await createPayloadCodec([old]).encode([plain]);
  await assert.rejects(createPayloadCodec([current]).decode([before]), (error: unknown) => {
    assert(error instanceof PayloadKeyError);
    assert.match(
      error.message,
      /its key "2025" is not among those of TURNLOG_PAYLOAD_KEYS \(2026\)/,
    );
    return true;
  });
});

Deno.test("another key under the same id, or a changed payload, is found out", async () => {
  const [payload] = await createPayloadCodec([old]).encode([plain]);
  const other = createPayloadCodec([keyOf("2025", 9)]);
  await assert.rejects(other.decode([payload]), /the key "2025" does not fit/);
  payload.data![20] ^= 1;
  await assert.rejects(createPayloadCodec([old]).decode([payload]), /does not fit/);
});
