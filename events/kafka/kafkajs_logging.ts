/** What kafkajs and Node say of Kafka's connections, sorted into what is news and what is not. */
import { type LogEntry, logLevel } from "kafkajs";
import process from "node:process";
import { loggerOf } from "../logging.ts";

const log = loggerOf("kafka");

/** kafkajs calls it an error when it has to try again; here that is news for those who look closely. */
export function forwardLog(
  { level, log: { message, error, retryCount, groupId, topic } }: LogEntry,
): void {
  const isRetried = retryCount !== undefined || level > logLevel.ERROR ||
    retriedErrors.test(`${error}`);
  const entry = { ...(error && { error }), ...(groupId && { groupId }), ...(topic && { topic }) };
  if (isRetried) log.debug(message, entry);
  else log.warn(message, entry);
}

/** What a broker answers while it starts, ends or moves a group; kafkajs tries again after each. */
const retriedErrors =
  /not available|coordinator|rebalanc|leader|Connection|ECONN|closed|not aware|unknown member|does not host/i;

/** Warnings of a negative timeout, which kafkajs computes when it is late, mean nothing: the others are logged. */
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name !== "TimeoutNegativeWarning") log.warn(warning.message);
});
