/**
 * What changes between two versions of the events that would break somebody who reads them.
 *
 * A reader is taken to keep to what the schema of events says: it passes over types and fields that it does not know, and
 * expects other values only where the schema does. So nothing breaks it that is added: an event type, a field, a value of
 * an extensible enum. These do:
 *
 * - an event type or a field that is gone, since the reader may be there for nothing else;
 * - a field that may now be absent, since the reader takes it to be there;
 * - a field of another or of a further type, null included, and a text with further values where the list of them was
 *   closed, since the reader has no branch for them.
 *
 * A type that has become narrower breaks nobody.
 */
import { type EventSchema, eventTypesOf } from "./event_schema.ts";
import { type Definitions, definitionsPath, type Schema } from "./json_schema.ts";

/** @returns Each change as a sentence that begins with its place, as `message.sent data.text: is gone`. */
export function breakingChanges(before: EventSchema, after: EventSchema): string[] {
  const types = eventTypesOf(after);
  return eventTypesOf(before).flatMap((type) => {
    if (!types.includes(type)) return [`${type}: is gone`];
    const comparison = new Comparison(before.$defs, after.$defs);
    return comparison.changes(before.$defs[type], after.$defs[type], []).map((change) =>
      `${type} ${change}`
    );
  });
}

class Comparison {
  readonly #before: Definitions;
  readonly #after: Definitions;
  /** Pairs of names that are being compared, so that a type which holds itself comes to an end. */
  readonly #open = new Set<string>();

  constructor(before: Definitions, after: Definitions) {
    this.#before = before;
    this.#after = after;
  }

  changes(before: Schema, after: Schema, path: string[]): string[] {
    if (before.$ref === undefined && after.$ref === undefined) {
      return this.#changesOfResolved(before, after, path);
    }
    const pair = `${before.$ref} ${after.$ref}`;
    if (this.#open.has(pair)) return [];
    this.#open.add(pair);
    const changes = this.#changesOfResolved(
      resolve(before, this.#before),
      resolve(after, this.#after),
      path,
    );
    this.#open.delete(pair);
    return changes;
  }

  #changesOfResolved(before: Schema, after: Schema, path: string[]): string[] {
    const place = `${path.join(".")}:`;
    const alternatives = this.#alternativesOf(before, this.#before);
    const later = this.#alternativesOf(after, this.#after);
    if (alternatives.length > 1 || later.length > 1) {
      return later.filter((one) =>
        !alternatives.some((other) => this.changes(other, one, path).length === 0)
      ).map((one) => `${place} may now be ${describe(one)} as well`);
    }
    const further = furtherTypes(before, after);
    if (further.length > 0) {
      return [
        `${place} may now be ${further.join(" or ")}, and was ${typesOf(before).join(" or ")}`,
      ];
    }
    return [
      ...furtherValues(before, after).map((value) => `${place} may now be ${value}`),
      ...this.#changesOfFields(before, after, path),
      ...this.#changesOfElements(before, after, path),
    ];
  }

  #changesOfFields(before: Schema, after: Schema, path: string[]): string[] {
    return Object.entries(before.properties ?? {}).flatMap(([name, schema]) => {
      const place = [...path, name];
      const later = after.properties?.[name];
      if (later === undefined) return [`${place.join(".")}: is gone`];
      const isOptional = before.required?.includes(name) && !after.required?.includes(name);
      return [
        ...(isOptional ? [`${place.join(".")}: may now be absent`] : []),
        ...this.changes(schema, later, place),
      ];
    });
  }

  /** Of a list, and of an object whose keys may be any. */
  #changesOfElements(before: Schema, after: Schema, path: string[]): string[] {
    return ([
      [before.items, after.items],
      [before.additionalProperties, after.additionalProperties],
      ...(before.prefixItems ?? []).map((item, at) => [item, after.prefixItems?.[at]] as const),
    ] as const).flatMap(([earlier, later]) =>
      typeof earlier !== "object"
        ? []
        : this.changes(earlier, typeof later === "object" ? later : {}, [...path, "*"])
    );
  }

  /** @returns The members of a union, also of unions in it; anything else is its own only member. */
  #alternativesOf(schema: Schema, definitions: Definitions): Schema[] {
    const { anyOf, oneOf } = resolve(schema, definitions);
    const members = anyOf ?? oneOf;
    return members?.flatMap((member) => this.#alternativesOf(member, definitions)) ?? [schema];
  }
}

function resolve(schema: Schema, definitions: Definitions): Schema {
  return schema.$ref === undefined
    ? schema
    : resolve(definitions[schema.$ref.slice(definitionsPath.length)], definitions);
}

/** No type is any type. */
function typesOf({ type }: Schema): string[] {
  return type === undefined ? [] : [type].flat();
}

function furtherTypes(before: Schema, after: Schema): string[] {
  const known = typesOf(before);
  if (known.length === 0) return [];
  const later = typesOf(after);
  return later.length === 0 ? ["anything"] : later.filter((type) => !known.includes(type));
}

function furtherValues(before: Schema, after: Schema): string[] {
  const known = valuesOf(before);
  if (known === null) return [];
  const later = valuesOf(after);
  if (later === null) return ["any text"];
  return later.filter((value) => !known.includes(value));
}

/** @returns As JSON, null where the values are not limited. */
function valuesOf(schema: Schema): string[] | null {
  const values = schema.enum ?? (schema.const === undefined ? null : [schema.const]);
  return values && values.map((value) => JSON.stringify(value));
}

function describe(schema: Schema): string {
  const values = valuesOf(schema);
  return values?.join(" or ") ?? schema.$ref?.slice(definitionsPath.length) ??
    (typesOf(schema).join(" or ") || "anything");
}
