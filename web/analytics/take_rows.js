/** A view's numbers to take away. */
import { copyText } from "../components/copy_text.js";
import { announce } from "../state/announcements.js";
import { toCsv } from "./csv.js";

/** @import { AnalyticsRows } from "../../events/contract/api.ts" */

/** @param {AnalyticsRows} result */
export function downloadRows(result) {
  const url = URL.createObjectURL(new Blob([toCsv(result)], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${result.name}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}

/** @param {AnalyticsRows} result */
export async function copyRows(result) {
  announce(await copyText(toCsv(result)) ? "Copied." : "Could not copy.");
}
