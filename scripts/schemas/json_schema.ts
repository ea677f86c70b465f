/** JSON Schema of TypeScript types, as a reader of what they describe needs it: open to fields that are added later. */
import { createGenerator, type Schema as GeneratedSchema } from "ts-json-schema-generator";

/** The part of JSON Schema that is made of types. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  /** The elements of a list of fixed length. */
  prefixItems?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  /** The values of a text that are known so far, where further ones may be added (`@open`). */
  "x-extensible-enum"?: unknown[];
}

/** Named schemas, which refer to each other as `#/$defs/<name>`. */
export type Definitions = Record<string, Schema>;

export const definitionsPath = "#/$defs/";

/**
 * @param files The files in which the types are exported, as a path or a glob.
 * @param types Their names.
 * @returns A schema for each of them and for each exported type that they are made of.
 * @throws Error where a type cannot be found, or cannot be told in JSON Schema.
 */
export function definitionsOf(files: string, types: string[]): Definitions {
  const generator = createGenerator({
    path: files,
    type: types,
    // `deno task ok` checks them, with Deno's own settings.
    skipTypeCheck: true,
    additionalProperties: true,
    encodeRefs: false,
    sortProps: false,
    discriminatorType: "open-api",
    extraTags: ["open"],
    functions: "fail",
  });
  const { definitions = {} } = generator.createSchema(types);
  return Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [nameOf(name), modernized(schema)]),
  );
}

/** @returns `message.sent` for `EventOf<"message.sent">`, and other names as they are. */
function nameOf(type: string): string {
  return /^\w+<"([\w.]+)">$/.exec(type)?.[1] ?? type;
}

/** From what the generator writes, draft-07, to 2020-12. */
function modernized(schema: GeneratedSchema | boolean): Schema {
  return JSON.parse(JSON.stringify(schema), (key, value) => {
    if (key === "$ref") return definitionsPath + nameOf(value.replace("#/definitions/", ""));
    // An object without fields of its own may get some as well.
    if (key === "additionalProperties" && value === false) return undefined;
    if (key === "description" && typeof value === "string") return withoutLinks(value);
    return value !== null && typeof value === "object" ? modernizedObject(value) : value;
  });
}

function modernizedObject(schema: Record<string, unknown>): Record<string, unknown> {
  if ("open" in schema) {
    const { open: _, enum: values, ...open } = schema;
    return { ...open, "x-extensible-enum": values };
  }
  if (Array.isArray(schema.items)) {
    const { items, additionalItems: _, ...tuple } = schema;
    return { ...tuple, prefixItems: items };
  }
  return schema;
}

/** A comment leads to names that those who read the schema may not have. */
function withoutLinks(comment: string): string {
  return comment.replaceAll(/\s*\{@linkcode\s+(\S+)\s*\}/g, " $1").trim();
}
