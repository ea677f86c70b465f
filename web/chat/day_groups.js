/** Groups conversations by how long ago something happened in them. */

/** @import { ConversationView } from "../../events/contract/api.ts" */

const dayMs = 86_400_000;
const month = new Intl.DateTimeFormat("en", { month: "long" });
const monthOfYear = new Intl.DateTimeFormat("en", { month: "long", year: "numeric" });

/**
 * @param {readonly ConversationView[]} conversations Newest activity first.
 * @param {Date} now Days begin at midnight in its time zone.
 * @returns {{ title: string, items: ConversationView[] }[]}
 */
export function dayGroups(conversations, now) {
  /** @type {Map<string, ConversationView[]>} */
  const groups = new Map();
  for (const conversation of conversations) {
    const title = groupOf(new Date(conversation.updatedAt), now);
    const items = groups.get(title);
    if (items === undefined) groups.set(title, [conversation]);
    else items.push(conversation);
  }
  return [...groups].map(([title, items]) => ({ title, items }));
}

/**
 * @param {Date} time
 * @param {Date} now
 */
function groupOf(time, now) {
  // Rounding takes up the hour that a change to summer time adds or takes.
  const days = Math.round((midnightBefore(now) - midnightBefore(time)) / dayMs);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days <= 7) return "Previous 7 days";
  if (days <= 30) return "Previous 30 days";
  return time.getFullYear() === now.getFullYear() ? month.format(time) : monthOfYear.format(time);
}

/** @param {Date} time */
function midnightBefore(time) {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
}
