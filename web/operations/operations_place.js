/** Fetches the page of the operators when it is first opened. */
import { lazyPlace } from "../components/lazy_part.js";

/** @import { OperationsRoute } from "../route.js" */

export const OperationsPlace = lazyPlace(
  "The page",
  /** @returns {Promise<import("preact").ComponentType<{ route: OperationsRoute }>>} */
  async () => (await import("./operations_page.js")).OperationsPage,
);
