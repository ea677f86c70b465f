/** The JSON Schema of every event, made of the union in `events/contract/event.ts`. */
import { type Definitions, definitionsOf, definitionsPath, type Schema } from "./json_schema.ts";

export interface EventSchema {
  $schema: string;
  title: string;
  description: string;
  /** A reference for each event type. */
  anyOf: Schema[];
  /** One schema for each event type, by that name, and those of what they are made of. */
  $defs: Definitions;
}

const union = "TurnlogEvent";

const description = "An event of Turnlog as it is in Kafka. Its schema is the one in $defs that " +
  "has the name of its type. A type that has none is of a newer version, and to be passed over, as " +
  "are fields that no schema names. Where x-extensible-enum tells values, others may come.";

/** @param file `events/contract/event.ts`, of this version or of another one. */
export function eventSchemaOf(file: string): EventSchema {
  const definitions = definitionsOf(file, [union]);
  const { types, unions } = membersOf(union, definitions);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Turnlog event",
    description,
    anyOf: types.map((type) => ({ $ref: definitionsPath + type })),
    $defs: Object.fromEntries(
      Object.entries(definitions).filter(([name]) => !unions.includes(name)),
    ),
  };
}

/** @returns The event types that a schema knows. */
export function eventTypesOf({ anyOf }: Pick<EventSchema, "anyOf">): string[] {
  return anyOf.map(({ $ref }) => $ref!.slice(definitionsPath.length));
}

/** @returns The event types behind a union, and the names of it and of the unions that it is made of. */
function membersOf(
  name: string,
  definitions: Definitions,
): { types: string[]; unions: string[] } {
  const { anyOf } = definitions[name];
  if (anyOf === undefined) return { types: [name], unions: [] };
  const members = anyOf.map(({ $ref }) =>
    membersOf($ref!.slice(definitionsPath.length), definitions)
  );
  return {
    types: members.flatMap(({ types }) => types),
    unions: [name, ...members.flatMap(({ unions }) => unions)],
  };
}
