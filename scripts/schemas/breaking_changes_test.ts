import assert from "node:assert/strict";
import { breakingChanges } from "./breaking_changes.ts";
import type { EventSchema } from "./event_schema.ts";
import type { Definitions, Schema } from "./json_schema.ts";

/** Events of one type, `song.sung`, whose data have these fields. */
function events(
  fields: Record<string, Schema>,
  optional: string[] = [],
  others: Definitions = {},
): EventSchema {
  const required = Object.keys(fields).filter((name) => !optional.includes(name));
  const data: Schema = { type: "object", properties: fields, required };
  return {
    $schema: "",
    title: "",
    description: "",
    anyOf: [{ $ref: "#/$defs/song.sung" }],
    $defs: {
      "song.sung": { type: "object", properties: { data }, required: ["data"] },
      ...others,
    },
  };
}

const text: Schema = { type: "string" };
const moods = (...values: string[]): Schema => ({ type: "string", enum: values });

Deno.test("what is added breaks nobody: a type, a field, a value of an extensible enum", () => {
  const mood = (...values: string[]): Schema => ({ type: "string", "x-extensible-enum": values });
  const before = events({ title: text, mood: mood("calm") });
  const after = events({ title: text, mood: mood("calm", "glad"), key: text }, ["key"]);
  after.anyOf.push({ $ref: "#/$defs/song.heard" });
  after.$defs["song.heard"] = { type: "object" };
  assert.deepEqual(breakingChanges(before, after), []);
  assert.deepEqual(breakingChanges(after, before), [
    "song.sung data.key: is gone",
    "song.heard: is gone",
  ]);
});

Deno.test("a type that becomes narrower breaks nobody, and one that becomes wider does", () => {
  const cases: [name: string, narrow: Schema, wide: Schema, told: string][] = [
    ["null", text, { type: ["string", "null"] }, "may now be null, and was string"],
    ["another type", text, { type: ["string", "number"] }, "may now be number, and was string"],
    ["any type", text, {}, "may now be anything, and was string"],
    ["a further value", moods("calm"), moods("calm", "glad"), 'may now be "glad"'],
    ["any text", moods("calm"), text, "may now be any text"],
    [
      "an opened enum",
      moods("calm"),
      { type: "string", "x-extensible-enum": ["calm"] },
      "may now be any text",
    ],
    [
      "a further member",
      { anyOf: [text] },
      { anyOf: [text, { type: "null" }] },
      "may now be null as well",
    ],
  ];
  for (const [name, narrow, wide, told] of cases) {
    const [before, after] = [events({ mood: narrow }), events({ mood: wide })];
    assert.deepEqual(breakingChanges(before, after), [`song.sung data.mood: ${told}`], name);
    assert.deepEqual(breakingChanges(after, before), [], name);
  }
});

Deno.test("a field that may now be absent breaks those who take it to be there, not the reverse", () => {
  const [before, after] = [events({ title: text }), events({ title: text }, ["title"])];
  assert.deepEqual(breakingChanges(before, after), ["song.sung data.title: may now be absent"]);
  assert.deepEqual(breakingChanges(after, before), []);
});

Deno.test("changes are found in lists, in maps, and behind references that lead back to themselves", () => {
  const verse = (line: Schema): Definitions => ({
    Verse: {
      type: "object",
      properties: {
        line,
        refrain: { $ref: "#/$defs/Verse" },
        echoes: { type: "array", items: line },
        voices: { type: "object", additionalProperties: line },
        pair: { type: "array", prefixItems: [line] },
      },
    },
  });
  const fields = { verse: { $ref: "#/$defs/Verse" } };
  assert.deepEqual(
    breakingChanges(events(fields, [], verse(text)), events(fields, [], verse({ type: "number" }))),
    ["line", "echoes.*", "voices.*", "pair.*"].map((place) =>
      `song.sung data.verse.${place}: may now be number, and was string`
    ),
  );
});
