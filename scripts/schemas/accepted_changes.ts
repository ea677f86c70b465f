/**
 * Changes that break readers of the last release and are made all the same, each with its reason; CHANGELOG.md tells them
 * too. When the next version is released, its events are what is compared to, and the list begins anew.
 */

/** The version whose events the present ones are compared to, in `events/schema/released/`. */
export const lastRelease = "0.1.0";

export const acceptedChanges: { reason: string; changes: string[] }[] = [
  {
    reason:
      "0.1 had no schema and did not say that lists of classes and reasons grow; there are further ones in 0.2",
    changes: [
      "turn.waiting data.reason.class: may now be any text",
      "turn.completed data.finishReason.unified: may now be any text",
      "turn.failed data.error.class: may now be any text",
      "attempt.started data.reason.class: may now be any text",
      "attempt.completed data.finishReason.unified: may now be any text",
      "attempt.failed data.error.class: may now be any text",
    ],
  },
];
