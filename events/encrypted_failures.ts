/**
 * Puts the message and the stack of a failure into a payload, where a codec encrypts them: a provider may repeat in its
 * error what it was asked. Loaded by the worker, and by its workflow code, where there are keys (`payload_codec.ts`).
 */
import { DefaultFailureConverter } from "@temporalio/common";

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
