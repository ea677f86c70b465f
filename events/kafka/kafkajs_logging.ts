/** What kafkajs and Node say of Kafka's connections, sorted into what is news and what is not. */
import { type LogEntry, logLevel } from "kafkajs";
import process from "node:process";
import { loggerOf } from "../logging.ts";

const log = loggerOf("kafka");

/** While brokers are away each connection says so several times a second: one line in this time is enough. */
const awayEveryMs = 30_000;

let toldAwayAtMs = -Infinity;

/** kafkajs calls it an error when it has to try again; here that is news for those who look closely. */
export function forwardLog(
  { level, log: { message, error, retryCount, groupId, topic } }: LogEntry,
  nowMs: number = Date.now(),
): void {
  const said = `${message} ${error ?? ""}`;
  const isRetried = retryCount !== undefined || level > logLevel.ERROR || retriedErrors.test(said);
  const entry = { ...(error && { error }), ...(groupId && { groupId }), ...(topic && { topic }) };
  if (isRetried) log.debug(message, entry);
  else log.warn(message, entry);
  if (!awayErrors.test(said) || nowMs - toldAwayAtMs < awayEveryMs) return;
  toldAwayAtMs = nowMs;
  log.warn("Kafka cannot be reached; trying again until it is there", { found: message });
}

const awayErrors = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT/;

/** What a broker answers while it starts, ends or moves a group; kafkajs tries again after each. */
const retriedErrors =
  /not available|coordinator|rebalanc|leader|Connection|ECONN|closed|not aware|unknown member|does not host/i;

/** Warnings of a negative timeout, which kafkajs computes when it is late, mean nothing: the others are logged. */
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name !== "TimeoutNegativeWarning") log.warn(warning.message);
});
