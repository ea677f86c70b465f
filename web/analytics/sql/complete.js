/** What the editor offers while a person types: tables, views with their parameters, and columns. */

/**
 * @import { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete"
 * @import { AnalystTable } from "../../../events/contract/api.ts"
 */

/** What a parameter of a view is given to begin with, by its name or by its type. */
const values = { from: "now() - INTERVAL 1 DAY", to: "now()", bucket: "3600" };

/**
 * A name with what it takes to read it: a view is called with its parameters.
 *
 * @param {AnalystTable} table
 */
export function readingOf({ name, parameters }) {
  if (parameters.length === 0) return name;
  const given = parameters.map((parameter) => `${parameter.name} = ${valueOf(parameter)}`);
  return `${name}(${given.join(", ")})`;
}

/** @param {AnalystTable["parameters"][number]} parameter */
function valueOf({ name, type }) {
  if (Object.hasOwn(values, name)) return values[/** @type {keyof typeof values} */ (name)];
  return /String/.test(type) ? "''" : "0";
}

/**
 * @param {readonly AnalystTable[]} tables
 * @param {readonly string[]} functions
 * @returns {(context: CompletionContext) => CompletionResult | null}
 */
export function completionSource(tables, functions) {
  const always = [
    ...tables.map((table) => ({
      label: table.name,
      type: table.kind === "table" ? "class" : "interface",
      detail: table.kind,
      info: table.description || undefined,
      apply: readingOf(table),
    })),
    ...functions.map((label) => ({ label, type: "function" })),
  ];
  return (context) => {
    const word = context.matchBefore(/\w+/);
    if (word === null && !context.explicit) return null;
    const options = [...columnsIn(context.state.doc.toString(), tables), ...always];
    return { from: word?.from ?? context.pos, options, validFor: /^\w*$/ };
  };
}

/**
 * @param {string} sql
 * @param {readonly AnalystTable[]} tables
 * @returns {Completion[]} The columns of the tables that the statement names; of all while it names none.
 */
export function columnsIn(sql, tables) {
  const words = new Set(sql.match(/\w+/g) ?? []);
  const named = tables.filter(({ name }) => words.has(name));
  /** @type {Map<string, Completion>} */
  const columns = new Map();
  for (const table of named.length > 0 ? named : tables) {
    for (const { name, type, description } of table.columns) {
      columns.set(name, {
        label: name,
        type: "property",
        detail: type,
        info: description,
        boost: 1,
      });
    }
  }
  return [...columns.values()];
}
