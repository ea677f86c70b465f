/** Messages on the topic of dead letters: key and value of the message that ingestion could not read, under these headers. */

/** Where the message was, and why it is here; its own headers stand beside these. */
export interface DeadLetterHeaders {
  /**
   * `not-json`, `not-an-event`, or `refused` by ClickHouse.
   *
   * @open
   */
  "turnlog-reason-class": "not-json" | "not-an-event" | "refused";
  "turnlog-reason": string;
  "turnlog-topic": string;
  /** A number, as are offsets. */
  "turnlog-partition": string;
  "turnlog-offset": string;
  /**
   * When the message was written, by Kafka's clock.
   *
   * @format date-time
   */
  "turnlog-time": string;
  /** @format date-time */
  "turnlog-failed-at": string;
}
