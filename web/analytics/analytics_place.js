/** Fetches the dashboard when it is first opened: a person who only chats loads no chart library. */
import { lazyPlace } from "../components/lazy_part.js";

/** @import { AnalyticsRoute } from "../route.js" */

export const AnalyticsPlace = lazyPlace(
  "The dashboard",
  /** @returns {Promise<import("preact").ComponentType<{ route: AnalyticsRoute }>>} */
  async () => (await import("./analytics_page.js")).AnalyticsPage,
);
