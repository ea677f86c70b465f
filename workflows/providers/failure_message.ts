/** What users and programs are told of a provider's failure: a sentence of Turnlog's own. */
import type { FailureClass } from "../../events/contract/failure.ts";
import { ownWords } from "./own_words.ts";

const sentences: { [Class in FailureClass]?: string } = {
  "rate-limited": "limits how often it is asked",
  "overloaded": "cannot answer now",
  "timed-out": "did not answer in time",
  "cut-off": "broke off the answer",
  "context-too-long": "cannot take a request of this length",
  "refused": "refused to answer",
  "bad-credentials": "does not accept its key, or the key may not do this",
};

/** Where the provider's own words say what to change; of others they tell of its insides or of the account. */
const quoted: readonly FailureClass[] = ["context-too-long", "refused", "bad-request"];

/**
 * @param provider Its name in `turnlog.yaml`.
 * @param status Of its answer; undefined where that had begun well.
 * @param message What it said, as it came.
 */
export function failureMessage({ class: failureClass, provider, status, message }: {
  class: FailureClass;
  provider: string;
  status: number | undefined;
  message: string;
}): string {
  const sentence = sentences[failureClass] ?? "does not accept the request";
  const told = `${provider} ${sentence}${status === undefined ? "" : ` (status ${status})`}`;
  // A bill that is not paid is told as an error of the key, but not with the status of a wrong one.
  const isUnpaid = failureClass === "bad-credentials" && status !== 401 && status !== 403;
  const words = quoted.includes(failureClass) || isUnpaid ? ownWords(message) : null;
  return words === null ? told : `${told}: ${words}`;
}
