/** One value of a table: written by its unit, and a link where it names a conversation, a turn, or a time with turns. */
import { html } from "htm/preact";
import { formatCount, formatTime } from "../format.js";
import { chatAddress } from "../route.js";
import { numberOf, timeOf } from "./chart_data.js";
import { isNumeric } from "./sort_rows.js";
import { formatValue } from "./units.js";

/** @import { Chart } from "../../events/contract/api.ts" */

/** An id is told from others by so many characters: its last ones, since ids of one minute begin alike. */
const idCharacters = 6;
/** Longer texts are shown up to here; the rest is in the tooltip and the download. */
const textMax = 80;

/**
 * @param {object} props
 * @param {Record<string, unknown>} props.row
 * @param {{ name: string, type: string }} props.column
 * @param {Chart} props.chart
 * @param {(row: Record<string, unknown>) => string | null} props.turnsOf
 */
export function TableCell({ row, column, chart, turnsOf }) {
  const value = row[column.name];
  if (value === null || value === undefined) return "–";
  if (column.name === chart.x) return linked(timeText(value, column), turnsOf(row));
  if (/Date/.test(column.type)) return timeText(value, column);
  if (isNumeric(column)) return numberText(value, column, chart);
  if (column.name === "conversation_id" || column.name === "turn_id") {
    return idLink(row, column.name);
  }
  if (column.name === "user_key") return shortId(String(value));
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  if (text.length <= textMax) return text;
  return html`<span title=${text}>${text.slice(0, textMax)}…</span>`;
}

/**
 * @param {Record<string, unknown>} row
 * @param {"conversation_id" | "turn_id"} name
 */
function idLink({ conversation_id: conversation, turn_id: turn }, name) {
  const id = String(name === "turn_id" ? turn : conversation);
  if (!conversation || id === "") return id;
  const address = chatAddress(String(conversation), name === "turn_id" ? String(turn) : null);
  return html`<a href=${address}>${shortId(id)}</a>`;
}

/** @param {string} id */
function shortId(id) {
  if (id.length <= idCharacters) return id;
  return html`<span title=${id}>…${id.slice(-idCharacters)}</span>`;
}

/**
 * @param {string} text
 * @param {string | null} address
 */
function linked(text, address) {
  return address === null ? text : html`<a href=${address} title="Its turns">${text}</a>`;
}

/**
 * @param {unknown} value
 * @param {{ type: string }} column
 */
function timeText(value, { type }) {
  if (!/Date/.test(type)) return String(value);
  const isDay = /Date(32)?\)?$/.test(type);
  return isDay ? String(value) : formatTime(timeOf(value) * 1000);
}

/**
 * @param {unknown} value
 * @param {{ name: string }} column
 * @param {Chart} chart
 */
function numberText(value, { name }, chart) {
  const measure = chart.y.find(({ column }) => column === name);
  return measure
    ? formatValue(numberOf(value), measure.unit ?? chart.unit)
    : formatCount(numberOf(value) ?? 0);
}
