/**
 * Puts the message and the stack of a failure into a payload, where a codec encrypts them: a provider may repeat in its
 * error what it was asked. Loaded by clients and workers where there are keys (`payload_codec.ts`); workflow code has a
 * converter of its own (`workflows/failure_converter.ts`).
 */
import { DefaultFailureConverter } from "@temporalio/common";

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
