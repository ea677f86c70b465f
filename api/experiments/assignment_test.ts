import assert from "node:assert/strict";
import { type ExperimentDefinition, type SlotRange } from "../../events/contract/experiment.ts";
import { assign } from "./assignment.ts";

const units = Array.from({ length: 20_000 }, (_, index) => `unit-${index}`);

function experiment(
  name: string,
  weights: Record<string, number>,
  { slots = [[0, 10_000]], layer = name }: { slots?: SlotRange[]; layer?: string } = {},
) {
  const definition: ExperimentDefinition = {
    route: "default",
    unit: "user",
    traffic: 1,
    layer,
    goal: "thumbs_up_rate",
    guardrails: [],
    variants: Object.entries(weights).map(([name, weight]) => ({ name, weight, overrides: {} })),
  };
  return { experiment: name, definition, slots };
}

type Experiment = ReturnType<typeof experiment>;

function assigned(of: Experiment, unit: string): string {
  return assign(of, unit)?.name ?? "nobody";
}

/** How often each of them is found. */
function count(found: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of found) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
}

/** The χ² of counts against those that are expected. */
function chiSquare(found: Record<string, number>, expected: Record<string, number>): number {
  return Object.entries(expected).reduce(
    (sum, [name, count]) => sum + ((found[name] ?? 0) - count) ** 2 / count,
    0,
  );
}

/** What χ² exceeds once in a thousand times, by the degrees of freedom. */
const critical = { 1: 10.83, 2: 13.82, 8: 26.12, 9: 27.88 };
const text = JSON.stringify;

Deno.test("units are dealt out by the weights", () => {
  const even = experiment("tone", { control: 50, brief: 50 });
  const halves = count(units.map((unit) => assigned(even, unit)));
  const half = units.length / 2;
  assert.ok(chiSquare(halves, { control: half, brief: half }) < critical[1], text(halves));

  const uneven = experiment("length", { control: 7, short: 2, long: 1 });
  const parts = count(units.map((unit) => assigned(uneven, unit)));
  const tenth = units.length / 10;
  const expected = { control: 7 * tenth, short: 2 * tenth, long: tenth };
  assert.ok(chiSquare(parts, expected) < critical[2], text(parts));
});

Deno.test("the slots of a layer are equally full", () => {
  const tenths = Array.from(
    { length: 10 },
    (_, part) => experiment("tone", { control: 1 }, { slots: [[part * 1000, part * 1000 + 1000]] }),
  );
  const found = count(
    units.map((unit) => String(tenths.findIndex((tenth) => assign(tenth, unit) !== null))),
  );
  const expected = Object.fromEntries(tenths.map((_, part) => [part, units.length / 10]));
  assert.ok(chiSquare(found, expected) < critical[9], text(found));
});

Deno.test("experiments of different layers, and slots and variants, are independent", () => {
  const a = experiment("tone", { control: 1, brief: 1 }, { slots: [[0, 5000]] });
  const b = experiment("model", { control: 1, large: 1 }, { slots: [[0, 5000]] });
  const pairs = count(units.map((unit) => `${assigned(a, unit)} ${assigned(b, unit)}`));
  // Half of all units are in either, and of these half are in each variant.
  const shares = (first: string, second: string) => ({
    nobody: 1 / 2,
    [first]: 1 / 4,
    [second]: 1 / 4,
  });
  const expected = Object.fromEntries(
    Object.entries(shares("control", "brief")).flatMap(([inA, shareOfA]) =>
      Object.entries(shares("control", "large")).map((
        [inB, shareOfB],
      ) => [`${inA} ${inB}`, units.length * shareOfA * shareOfB])
    ),
  );
  assert.ok(chiSquare(pairs, expected) < critical[8], text(pairs));
});

Deno.test("experiments of one layer have no unit in common", () => {
  const a = experiment("tone", { control: 1, brief: 1 }, { slots: [[0, 4000]], layer: "prompts" });
  const b = experiment("model", { control: 1 }, { slots: [[4000, 10_000]], layer: "prompts" });
  const both = units.filter((unit) => assign(a, unit) !== null && assign(b, unit) !== null);
  const neither = units.filter((unit) => assign(a, unit) === null && assign(b, unit) === null);
  assert.deepEqual([both.length, neither.length], [0, 0]);
});

Deno.test("with other weights only so many units change their variant as have to, and only one way", () => {
  const before = experiment("tone", { control: 50, brief: 50 });
  const after = experiment("tone", { control: 50, brief: 100 });
  const moves = count(units.map((unit) => `${assigned(before, unit)} ${assigned(after, unit)}`));
  assert.equal(moves["brief control"], undefined);
  // A sixth of all: control goes from a half to a third.
  const expected = { "control brief": units.length / 6, stay: units.length * 5 / 6 };
  const found = {
    "control brief": moves["control brief"],
    stay: units.length - moves["control brief"],
  };
  assert.ok(chiSquare(found, expected) < critical[1], JSON.stringify(moves));
});

Deno.test("assignments stay what they were in earlier versions", () => {
  const tone = experiment("tone", { control: 50, brief: 50 }, { slots: [[0, 4000]] });
  const found = units.slice(0, 8).map((unit) => assigned(tone, unit));
  const expected = "nobody brief control control nobody nobody brief control";
  assert.equal(found.join(" "), expected);
});
