/** Fetches the SQL page, and its editor, when the section is first opened. */
import { lazyPart } from "../../components/lazy_part.js";

/** @import { AnalyticsRoute } from "../../route.js" */

export const SqlSection = lazyPart(
  "The SQL page",
  /** @returns {Promise<import("preact").ComponentType<{ route: AnalyticsRoute }>>} */
  async () => (await import("./sql_page.js")).SqlPage,
);
