/** Marks the place of a mistake in the editor; typing takes the mark away. */
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";

/** @import { Place } from "./query_api.js" */

/** @type {import("@codemirror/state").StateEffectType<Place | null>} */
const setMistake = StateEffect.define();
const mark = Decoration.mark({ class: "cm-mistake" });

/** @type {import("@codemirror/state").StateField<import("@codemirror/view").DecorationSet>} */
export const mistakeMark = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setMistake)) return marksAt(effect.value, transaction.state.doc);
    }
    return transaction.docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/**
 * @param {EditorView} view
 * @param {Place | null} place Null takes the mark away.
 */
export function showMistake(view, place) {
  view.dispatch({ effects: setMistake.of(place) });
}

/**
 * The word at the place, or the one character that stands there; the last character, where the statement breaks off.
 *
 * @param {Place | null} place
 * @param {import("@codemirror/state").Text} text
 */
function marksAt(place, text) {
  if (place === null || place.line > text.lines || text.length === 0) return Decoration.none;
  const line = text.line(place.line);
  const from = Math.min(line.from + place.column - 1, text.length - 1);
  const length = /^\w+/.exec(text.sliceString(from, line.to))?.[0].length ?? 1;
  return Decoration.set([mark.range(from, Math.min(from + length, text.length))]);
}
