/** A view's numbers to take away. */
import { copyText } from "../components/copy_text.js";
import { downloadBlob } from "../components/download_blob.js";
import { announce } from "../state/announcements.js";
import { toCsv } from "./csv.js";

/** @import { AnalyticsRows } from "../../events/contract/api.ts" */

/** @param {AnalyticsRows} result */
export function downloadRows(result) {
  downloadBlob(new Blob([toCsv(result)], { type: "text/csv" }), `${result.name}.csv`);
}

/** @param {AnalyticsRows} result */
export async function copyRows(result) {
  announce(await copyText(toCsv(result)) ? "Copied." : "Could not copy.");
}
