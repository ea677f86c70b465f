/** Whether a user lets what they write and are answered be exported, as for evaluation or the training of models. */
import type { SystemEvent, SystemEventOf } from "./event.ts";

export interface ConsentState {
  given: boolean;
  /** Since when it is so; null where the user has never said anything, which is no consent. */
  since: string | null;
}

export const noConsent: Readonly<ConsentState> = Object.freeze({ given: false, since: null });

export type ConsentEvent = SystemEventOf<"consent.given"> | SystemEventOf<"consent.withdrawn">;

export function isConsentEvent(event: SystemEvent): event is ConsentEvent {
  return event.type === "consent.given" || event.type === "consent.withdrawn";
}

/** The user's last word is what holds. */
export function consentAfter({ type, time }: ConsentEvent): ConsentState {
  return { given: type === "consent.given", since: time };
}
