/** Fetches the experiments when their section is first opened. */
import { lazyPart } from "../../components/lazy_part.js";

/** @import { AnalyticsRoute } from "../../route.js" */

export const ExperimentsSection = lazyPart(
  "The experiments",
  /** @returns {Promise<import("preact").ComponentType<{ route: AnalyticsRoute }>>} */
  async () => (await import("./experiments_page.js")).ExperimentsPage,
);
