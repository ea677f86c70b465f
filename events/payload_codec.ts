/**
 * Keeps what people write, and what models answer, unreadable in Temporal's store: payloads are encrypted before they
 * leave a process, and decrypted when they come back. Workflow code sees neither; it runs before the one and after the
 * other. Ids and search attributes stay readable, so that runs are found.
 */
import type { DataConverter, Payload, PayloadCodec } from "@temporalio/common";
import proto from "@temporalio/proto";
import { fileURLToPath } from "node:url";

/** AES-256-GCM. */
export interface PayloadKey {
  /** Stands beside each payload that it encrypts. */
  id: string;
  /** 32 bytes. */
  key: Uint8Array<ArrayBuffer>;
}

/** The names that Temporal's own examples use, so that other tools know an encrypted payload when they see one. */
const encodingName = "encoding";
const keyIdName = "encryption-key-id";
const encrypted = "binary/encrypted";

const nonceBytes = 12;
const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/** A payload cannot be decrypted; the message says why, and what to do. */
export class PayloadKeyError extends Error {
  override name = "PayloadKeyError";
}

/**
 * Makes the options of every client and worker that reads or writes payloads.
 *
 * @param keys The first one encrypts, each of them decrypts; none: payloads are left as they are.
 */
export function dataConverterOf(keys: readonly PayloadKey[]): DataConverter | undefined {
  if (keys.length === 0) return undefined;
  return { payloadCodecs: [createPayloadCodec(keys)], failureConverterPath };
}

/** Of the module that puts the messages of failures into payloads. */
const failureConverterPath = fileURLToPath(
  new URL("./encrypted_failures.ts", import.meta.url),
);

/**
 * @param keys The first one encrypts, each of them decrypts; without any, payloads are encoded as they are. What was not
 * encrypted is decoded as it is.
 */
export function createPayloadCodec(keys: readonly PayloadKey[]): PayloadCodec {
  const first = keys.at(0);
  const imported = new Map(keys.map(({ id, key }) => [id, importKey(key)]));

  async function encrypt(payload: Payload): Promise<Payload> {
    if (first === undefined) return payload;
    const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
    const plain = PayloadMessage.encode(payload).finish() as Uint8Array<ArrayBuffer>;
    const algorithm = { name: "AES-GCM", iv: nonce };
    const sealed = await crypto.subtle.encrypt(algorithm, await imported.get(first.id)!, plain);
    const data = new Uint8Array(nonceBytes + sealed.byteLength);
    data.set(nonce);
    data.set(new Uint8Array(sealed), nonceBytes);
    return {
      metadata: { [encodingName]: bytesOf(encrypted), [keyIdName]: bytesOf(first.id) },
      data,
    };
  }

  async function decrypt(payload: Payload): Promise<Payload> {
    if (textOf(payload.metadata?.[encodingName]) !== encrypted) return payload;
    const id = textOf(payload.metadata?.[keyIdName]);
    const key = imported.get(id);
    if (key === undefined) {
      throw new PayloadKeyError(
        `Cannot decrypt a payload of Temporal: its key ${
          JSON.stringify(id)
        } is not among those of ` +
          `TURNLOG_PAYLOAD_KEYS (${
            keys.map(({ id }) => id).join(", ")
          }). Add it at the end of the list`,
      );
    }
    const data = Uint8Array.from(payload.data ?? []);
    const algorithm = { name: "AES-GCM", iv: data.subarray(0, nonceBytes) };
    try {
      const plain = await crypto.subtle.decrypt(algorithm, await key, data.subarray(nonceBytes));
      return PayloadMessage.decode(new Uint8Array(plain));
    } catch (cause) {
      throw new PayloadKeyError(
        `Cannot decrypt a payload of Temporal: the key ${JSON.stringify(id)} does not fit it. ` +
          "Another key may have had this id: give each key an id of its own",
        { cause },
      );
    }
  }

  return {
    encode: (payloads) => Promise.all(payloads.map(encrypt)),
    decode: (payloads) => Promise.all(payloads.map(decrypt)),
  };
}

function importKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}
