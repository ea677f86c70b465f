/** How a series looks: its colour by its name, the same in every chart, with a marker and a pattern beside it. */
import { recall, remember } from "../state/storage.js";

/**
 * `color`: a custom property of tokens.css. `shape`: which marker and pattern, from 0; the same shape and colour come
 * together only once.
 *
 * @typedef {{ color: string, shape: number }} SeriesStyle
 */

const colorsMax = 8;
/** Names whose colours are remembered; later ones share what is there. */
const namesMax = 200;

/** Names that mean something everywhere. @type {Record<string, SeriesStyle>} */
const meanings = {
  completed: { color: "--success", shape: 0 },
  stopped: { color: "--series-8", shape: 1 },
  failed: { color: "--danger", shape: 2 },
  "fell back": { color: "--warning", shape: 3 },
  p50: { color: "--series-1", shape: 0 },
  p95: { color: "--series-4", shape: 1 },
  p99: { color: "--series-2", shape: 2 },
};

/** The places of all other names, in the order in which this browser has met them. @type {string[]} */
let known = recall("series", []);

/**
 * @param {string} name
 * @returns {SeriesStyle}
 */
export function styleOf(name) {
  const meaning = meanings[name.toLowerCase()];
  if (meaning !== undefined) return meaning;
  if (!known.includes(name) && known.length < namesMax) {
    known = [...known, name];
    remember("series", known);
  }
  const place = Math.max(known.indexOf(name), 0);
  const round = Math.floor(place / colorsMax);
  return { color: `--series-${place % colorsMax + 1}`, shape: place + round };
}
