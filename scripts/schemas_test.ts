/** The schemas of what Turnlog writes to Kafka are those of its types, and no reader of the last release is broken. */
import specifications from "@asyncapi/specs";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import assert from "node:assert/strict";
import { eventExamples } from "../events/contract/event_examples.ts";
import { encodeTurnParts } from "../events/kafka/delta_message.ts";
import { schemaFiles } from "./schemas.ts";
import { acceptedChanges, lastRelease } from "./schemas/accepted_changes.ts";
import { breakingChanges } from "./schemas/breaking_changes.ts";
import { type EventSchema, eventTypesOf } from "./schemas/event_schema.ts";

const readJson = (path: string) => JSON.parse(Deno.readTextFileSync(path));
const schema: EventSchema = readJson("events/schema/events.json");
const ajv = addFormats(
  new Ajv2020({ allowUnionTypes: true, keywords: ["x-extensible-enum"] }),
);
ajv.addSchema(schema, "events");

/** @returns What is wrong with the value; empty where it follows the schema. */
function problems(value: unknown, schema: string | object, validator: Ajv = ajv): string {
  return validator.validate(schema, value) ? "" : validator.errorsText();
}

/** The package's types are those of its CommonJS form. */
function addFormats<Validator extends Ajv>(validator: Validator): Validator {
  (formats as unknown as (validator: Ajv) => void)(validator);
  return validator;
}

Deno.test("the schemas are those of the types as they are now", () => {
  for (const [path, text] of Object.entries(schemaFiles())) {
    assert.ok(Deno.readTextFileSync(path) === text, `${path} is old: run deno task schemas`);
  }
});

Deno.test("there is a schema of each event type, and the example of that type follows it", () => {
  assert.deepEqual(eventTypesOf(schema).sort(), eventExamples.map(({ type }) => type).sort());
  for (const event of eventExamples) {
    assert.equal(problems(event, "events"), "", event.type);
    assert.equal(problems(event, `events#/$defs/${event.type}`), "");
  }
});

Deno.test("what lacks a field or has it in another type does not follow the schema", () => {
  for (const event of eventExamples) {
    const { time: _, ...timeless } = event;
    const changed = [timeless, { ...event, time: "yesterday" }, { ...event, type: "turn.sung" }];
    for (const field of Object.keys(event.data)) {
      changed.push({ ...event, data: { ...event.data, [field]: { sung: true } } } as typeof event);
    }
    for (const other of changed) {
      assert.notEqual(problems(other, "events"), "", JSON.stringify(other));
    }
  }
});

Deno.test("a field that is added breaks no reader who holds events to the schema", () => {
  for (const event of eventExamples) {
    const later = { ...event, mood: "calm", data: { ...event.data, mood: "calm" } };
    assert.equal(problems(later, `events#/$defs/${event.type}`), "");
  }
});

Deno.test("nothing breaks those who read what the last release wrote, but for what is accepted", () => {
  const released: EventSchema = readJson(`events/schema/released/${lastRelease}.json`);
  assert.deepEqual(
    breakingChanges(released, schema).toSorted(),
    acceptedChanges.flatMap(({ changes }) => changes).toSorted(),
    "Readers would break: add a field or a type instead, or accept it in scripts/schemas/accepted_changes.ts",
  );
});

Deno.test("the document of the topics is AsyncAPI 3, by its own schema", () => {
  const document = readJson("events/schema/asyncapi.json");
  // The rules bring JSON Schema's own along, which ajv would have otherwise.
  const official = addFormats(new Ajv({ strict: false, meta: false, validateSchema: false }));
  const rules = specifications.schemas["3.0.0"];
  assert.equal(problems(document, rules, official), "");
  const wrong = { ...document, channels: { events: { address: 1 } } };
  assert.notEqual(problems(wrong, rules, official), "");
  assert.deepEqual(Object.keys(document.channels), ["events", "deltas", "control", "deadLetters"]);
});

Deno.test("the document of the topics holds schemas of its own for deltas, and they follow it", () => {
  const { components } = readJson("events/schema/asyncapi.json");
  const topics = addFormats(new Ajv({ strict: false }));
  topics.addSchema({ components }, "topics");
  const parts = JSON.parse(new TextDecoder().decode(encodeTurnParts([{
    turnId: "0198c0de-0000-7000-8000-000000000002",
    position: { attempt: 1, sequence: 3 },
    part: { type: "text-delta", text: "Hello" },
  }])));
  const path = "topics#/components/schemas/TurnParts";
  assert.equal(problems(parts, path, topics), "");
  assert.notEqual(problems([{ ...parts[0], position: "1.3" }], path, topics), "");
});
