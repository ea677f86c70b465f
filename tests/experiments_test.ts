/** Experiments on real engines: who is answered how, what is stated of it, and how they begin, change and end. */
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import assert from "node:assert/strict";
import OpenAI from "openai";
import type { ExperimentDetail } from "../events/contract/experiment_view.ts";
import { TurnClient } from "../scripts/load/turn_client.ts";
import { until } from "../scripts/load/until.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

let test: TestStack;
let connection: NativeConnection;
let models: string;
/** People who ask; enough that each of two variants has some. */
let people: TurnClient[];
const peopleCount = 16;

Deno.test.beforeAll(async () => {
  test = await startTestStack();
  models = await Deno.readTextFile(test.stack.settings.TURNLOG_CONFIG);
  connection = await NativeConnection.connect({ address: test.stack.addresses.temporal });
  const connections = Array.from({ length: peopleCount }, () => TurnClient.connect(test.stack.url));
  people = await Promise.all(connections);
});

Deno.test.afterAll(async () => {
  await connection.close();
  await test.stop();
});

/** Says which system prompt it was asked under. */
function answerWithPrompt(): void {
  test.provider.behave(({ body }) => ({
    text: body.messages.find(({ role }: { role: string }) => role === "system")?.content ?? "plain",
  }));
}

function tone(weights = { control: 1, brief: 1 }): string {
  return `  tone:
    route: once
    status: running
    goal: thumbs_up_rate
    variants:
      control: { weight: ${weights.control} }
      brief: { weight: ${weights.brief}, overrides: { systemPrompt: "Be brief." } }
`;
}

/** Differs only in who is asked when the first one has failed. */
const spare = `  spare:
    route: with-spare
    status: running
    goal: completion_rate
    variants:
      control: { weight: 1 }
      other: { weight: 1, overrides: { candidates: [mock, slow] } }
`;
const withSpare = "  with-spare: { candidates: [mock, demo], retry: { attempts: 1 } }\n";

async function writeExperiments(...experiments: string[]): Promise<void> {
  const text = `${models}${withSpare}experiments:\n${experiments.join("") || "  {}\n"}`;
  await Deno.writeTextFile(test.stack.settings.TURNLOG_CONFIG, text);
}

async function readExperiment(name: string): Promise<ExperimentDetail> {
  const response = await test.client.request("GET", `/api/experiments/${name}`);
  return await response.json();
}

async function untilStands(
  name: string,
  isSo: (experiment: ExperimentDetail) => boolean,
): Promise<void> {
  await until(`${name} is as it should be`, 10_000, async () => isSo(await readExperiment(name)));
}

async function operate(act: string, body?: unknown): Promise<ExperimentDetail> {
  const response = await test.client.request("POST", `/api/experiments/${act}`, body);
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

interface Answered {
  turnId: string;
  text: string;
  variants: Record<string, string>;
}

/** Everyone asks once, each in a new conversation. */
async function askAll(model: string): Promise<Answered[]> {
  return await Promise.all(people.map(async (client) => {
    const { turnId } = await client.ask({ text: "Hello", model });
    const { text, variants } = await client.untilEnded(turnId);
    return { turnId, text, variants };
  }));
}

interface Row {
  turn_id: string;
  event_type: string;
  experiment: string;
  phase: number;
  variant: string;
  marked: string;
}

/** All events of these turns, once they are in ClickHouse. */
async function eventsOf(turns: readonly Answered[]): Promise<Row[]> {
  const ids = turns.map(({ turnId }) => `'${turnId}'`).join();
  const isEnd = (type: string) => /^turn\.(completed|failed|stopped)$/.test(type);
  return await until("the turns are in ClickHouse", 15_000, async () => {
    const rows = await test.query<Row>(
      `SELECT turn_id, event_type, experiment, phase, variant, variants['tone'] || variants['spare'] AS marked
       FROM events FINAL WHERE turn_id IN (${ids})`,
    );
    const ended = new Set(rows.filter((row) => isEnd(row.event_type)).map((row) => row.turn_id));
    return ended.size === turns.length ? rows : null;
  });
}

/** @returns The exposures of these turns, as `turn experiment variant phase`, sorted. */
async function exposuresOf(turns: readonly Answered[]): Promise<string[]> {
  const exposed = (await eventsOf(turns)).filter((row) => row.event_type === "variant.exposed");
  return exposed.map((row) => `${row.turn_id} ${row.experiment} ${row.variant} ${row.phase}`)
    .sort();
}

function expected(turns: readonly Answered[], experiment: string, phase: number): string[] {
  return turns.map(({ turnId, variants }) =>
    `${turnId} ${experiment} ${variants[experiment]} ${phase}`
  ).sort();
}

async function countRuns(query: string): Promise<number> {
  return (await new Client({ connection }).workflow.count(query)).count;
}

Deno.test("users are answered by their variants, again and again, and all that is stated says so", async () => {
  answerWithPrompt();
  await writeExperiments(tone());
  await untilStands("tone", ({ status }) => status === "running");
  const first = await askAll("once");
  const second = await askAll("once");
  const turns = [...first, ...second];
  for (const { text, variants } of turns) {
    assert.equal(text, variants.tone === "brief" ? "Be brief." : "plain");
  }
  assert.deepEqual(second.map(({ variants }) => variants), first.map(({ variants }) => variants));
  const counts = Map.groupBy(turns, ({ variants }) => variants.tone);
  assert.deepEqual([...counts.keys()].sort(), ["brief", "control"]);

  const variantOf = new Map(turns.map(({ turnId, variants }) => [turnId, variants.tone]));
  for (const { turn_id, marked } of await eventsOf(turns)) {
    assert.equal(marked, variantOf.get(turn_id));
  }
  assert.deepEqual(await exposuresOf(turns), expected(turns, "tone", 1));
  for (const [variant, { length }] of counts) {
    await until(
      "Temporal finds the turns of each variant",
      10_000,
      async () => await countRuns(`Experiments = 'tone=${variant}@1'`) === length,
    );
  }

  const other = await askAll("demo");
  assert.deepEqual(other.map(({ variants }) => variants), other.map(() => ({})));
});

Deno.test("a program's turns take part, by its key", async () => {
  answerWithPrompt();
  const keys = Array.from({ length: 12 }, (_, index) => `key-${index}`);
  const answers = await Promise.all(keys.map(async (apiKey) => {
    const openai = new OpenAI({ baseURL: `${test.stack.url}/v1`, apiKey, maxRetries: 0 });
    const messages = [{ role: "user" as const, content: "Hello" }];
    const ask = () => openai.chat.completions.create({ model: "once", messages });
    const [one, two] = [await ask(), await ask()];
    return [one, two].map(({ choices }) => choices[0].message.content);
  }));
  for (const [one, two] of answers) assert.equal(one, two);
  assert.deepEqual([...new Set(answers.flat())].sort(), ["Be brief.", "plain"]);
});

Deno.test("turns are exposed only where the variants differ, and then those of both", async () => {
  answerWithPrompt();
  await writeExperiments(tone(), spare);
  await untilStands("spare", ({ status }) => status === "running");
  const answered = await askAll("with-spare");
  assert.equal(new Set(answered.map(({ variants }) => variants.spare)).size, 2);
  assert.deepEqual(await exposuresOf(answered), []);

  test.provider.behave({ error: { status: 503, body: { error: { message: "busy" } } } });
  const failed = await askAll("with-spare");
  assert.deepEqual(await exposuresOf(failed), expected(failed, "spare", 1));
});

Deno.test("other weights begin a phase, in which no more users change than have to", async () => {
  answerWithPrompt();
  const before = await askAll("once");
  await writeExperiments(tone({ control: 1, brief: 1000 }), spare);
  await untilStands("tone", ({ phase }) => phase === 2);
  const after = await askAll("once");
  after.forEach(({ variants }, index) => {
    if (before[index].variants.tone === "brief") assert.equal(variants.tone, "brief");
  });
  assert.ok(after.filter(({ variants }) => variants.tone === "brief").length >= peopleCount - 1);
  assert.deepEqual(await exposuresOf(after), expected(after, "tone", 2));
  const { phases, audit } = await readExperiment("tone");
  assert.deepEqual(
    phases.map(({ phase, definition }) => [phase, definition.variants[1].weight]),
    [[1, 1], [2, 1000]],
  );
  assert.deepEqual(audit.map(({ type, by }) => [type, by]), [
    ["experiment.started", "file"],
    ["experiment.changed", "file"],
  ]);
});

Deno.test("a stopped experiment answers nobody, and a winner everybody until the file forgets it", async () => {
  answerWithPrompt();
  await operate("tone/stop");
  const stopped = await askAll("once");
  assert.deepEqual(new Set(stopped.map(({ text }) => text)), new Set(["plain"]));
  assert.deepEqual(await exposuresOf(stopped), []);

  await operate("tone/start");
  const again = await askAll("once");
  assert.deepEqual(await exposuresOf(again), expected(again, "tone", 2));

  await operate("tone/end", { winner: "brief" });
  const ended = await askAll("once");
  assert.deepEqual(new Set(ended.map(({ text }) => text)), new Set(["Be brief."]));
  assert.deepEqual(await exposuresOf(ended), []);
  assert.deepEqual(
    (await readExperiment("tone")).audit.map(({ type, by }) => [type, by]).slice(2),
    [
      ["experiment.stopped", "loopback"],
      ["experiment.started", "loopback"],
      ["experiment.ended", "loopback"],
    ],
  );

  await writeExperiments();
  await untilStands("tone", ({ isInFile }) => !isInFile);
  const [{ text }] = await askAll("once");
  assert.equal(text, "plain");
  await untilStands("spare", ({ status }) => status === "stopped");
  const changes = await until("all of it is in ClickHouse", 10_000, async () => {
    const rows = await test.query<{ change: string }>(
      `SELECT event_type || ' ' || toString(phase) || ' ' || variant AS change FROM events FINAL
       WHERE event_type LIKE 'experiment.%' AND experiment = 'tone' ORDER BY event_time`,
    );
    return rows.length === 5 ? rows.map(({ change }) => change.trim()) : null;
  });
  assert.deepEqual(changes, [
    "experiment.started 1",
    "experiment.changed 2",
    "experiment.stopped 2",
    "experiment.started 2",
    "experiment.ended 2 brief",
  ]);
});
