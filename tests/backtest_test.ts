/** Backtests on real engines: past turns answered again exactly, apart from users, slowly enough, whatever dies. */
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import assert from "node:assert/strict";
import { backtestTurnId } from "../events/contract/backtest.ts";
import type { TurnState } from "../events/contract/conversation.ts";
import { TurnClient } from "../scripts/load/turn_client.ts";
import { until } from "../scripts/load/until.ts";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";
import {
  haveConversations,
  readStore,
  rerunsOf,
  startBacktest,
  storePastTurns,
  unlimited,
  untilBacktest,
} from "./support/backtests.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

let test: TestStack;
/** Two people with three conversations of five turns each. */
let people: {
  client: TurnClient;
  conversations: { conversationId: string; turnIds: string[] }[];
}[];
/** All of their turns, 30. */
let turnIds: string[];
/** Before it they were sent; all that the tests do later is left out with it. */
let to: string;
const from = new Date().toISOString();

Deno.test.beforeAll(async () => {
  test = await startTestStack();
  const clients = [test.client, await TurnClient.connect(test.stack.url)];
  people = await Promise.all(clients.map(async (client, person) => {
    const texts = [0, 1, 2].map((conversation) =>
      [0, 1, 2, 3, 4].map((turn) => `Person ${person} asks ${conversation}.${turn}`)
    );
    return { client, conversations: await haveConversations(client, texts, "demo") };
  }));
  turnIds = people.flatMap(({ conversations }) => conversations.flatMap(({ turnIds }) => turnIds));
  to = new Date().toISOString();
  await until("their events are in ClickHouse", 15_000, async () => {
    const [{ ended }] = await test.query<{ ended: number }>(
      "SELECT toUInt32(count()) AS ended FROM events FINAL WHERE event_type = 'turn.completed'",
    );
    return ended === 30;
  });
});

Deno.test.afterAll(() => test.stop());

function simulated(text: string, tokens?: number): string {
  return simulateAnswer(text, tokens).join("");
}

/** What is made for backtests, and what counts also that an operator asked for one. */
const othersViews = ["backtest_comparison", "ingestion_lag"];

/** All that people and their dashboards see, over a range of time that has not ended. */
async function whatPeopleSee(): Promise<unknown> {
  const range = { from, to: new Date(Date.parse(to) + 3_600_000).toISOString(), bucket: "600" };
  const response = await test.client.request("GET", "/api/analytics/views");
  const names: string[] = (await response.json()).items.map(({ name }: { name: string }) => name);
  const lists = ["", "&search=asks", "&search=Person"].flatMap((search) =>
    people.map(async ({ client }) =>
      await (await client.request("GET", `/api/conversations?limit=200${search}`)).json()
    )
  );
  const views = names.filter((name) => !othersViews.includes(name))
    .map(async (name) => [name, (await test.client.rows(name, range)).rows]);
  return await Promise.all([...lists, ...views]);
}

async function originals(): Promise<TurnState[]> {
  const turns = await readStore(
    test,
    (store) => Promise.all(turnIds.map((turnId) => store.turn(turnId))),
  );
  return turns as TurnState[];
}

Deno.test("30 past turns are answered again with their own history, and nobody sees it but the comparison", async () => {
  const { provider } = test;
  provider.behave({ tokens: 7 });
  const before = await whatPeopleSee();
  const beforeCount = provider.requests.length;
  const request = { id: "exact", from, to, model: "mock", systemPrompt: "Be brief", ...unlimited };

  const { status, view } = await startBacktest(test, request);
  assert.equal(status, 202);
  const { progress, ...ended } = await untilBacktest(test, "exact", 60_000);
  assert.equal(ended.status, "completed");
  const counts = { selected: 30, started: 30, completed: 30, stopped: 0, failed: 0, skipped: 0 };
  assert.deepEqual(progress, counts);

  // Each model call had the path of the original, as its user had had it.
  const texts = await originals();
  const textOf = new Map(texts.map((turn) => [turn.turnId, turn]));
  const pathOf = (turn: TurnState): TurnState[] =>
    turn.parentTurnId === null ? [turn] : [...pathOf(textOf.get(turn.parentTurnId)!), turn];
  const expected = texts.map((turn) =>
    JSON.stringify([
      { role: "system", content: "Be brief" },
      ...pathOf(turn).flatMap(({ turnId, message, text }) => [
        { role: "user", content: message },
        ...(turnId === turn.turnId ? [] : [{ role: "assistant", content: text }]),
      ]),
    ])
  );
  const asked = provider.requests.slice(beforeCount).map(({ body }) =>
    JSON.stringify(body.messages)
  );
  assert.deepEqual(asked.toSorted(), expected.toSorted());

  const reruns = await rerunsOf(test, "exact", turnIds);
  for (const [index, rerun] of reruns.entries()) {
    assert.equal(rerun?.text, simulated(texts[index].message, 7));
    assert.equal(rerun.message, "", "the user's text is not copied");
    assert.equal(rerun.userKey, "backtest");
    assert.deepEqual(rerun.backtest, { id: "exact", turnId: turnIds[index] });
  }

  // Counted by hand from the store.
  const sideOf = (turns: readonly TurnState[], models: string) => {
    const durations = turns.map(({ durationMs }) => durationMs!).sort((a, b) => a - b);
    const sum = (of: (turn: TurnState) => number) => turns.reduce((sum, turn) => sum + of(turn), 0);
    return {
      turns: 30,
      completed: 30,
      failed: 0,
      duration_ms_p50: durations[15],
      duration_ms_p95: durations[28],
      input_tokens: sum(({ usage }) => usage.inputTokens),
      output_tokens: sum(({ usage }) => usage.outputTokens),
      cost_usd: sum(({ costUsd }) => costUsd).toFixed(6),
      answer_length_avg: (sum(({ text }) => text.length) / 30).toFixed(6),
      models,
    };
  };
  const compared = await until("the comparison is there", 15_000, async () => {
    const range = { from, to: new Date(Date.now() + 60_000).toISOString() };
    const { rows } = await test.client.rows("backtest_comparison", range);
    return rows.length === 2 && Number(rows[0].turns) === 30 && rows;
  });
  const [original, rerun] = compared.map((row) => ({
    turns: Number(row.turns),
    completed: Number(row.completed),
    failed: Number(row.failed),
    duration_ms_p50: row.duration_ms_p50,
    duration_ms_p95: row.duration_ms_p95,
    input_tokens: Number(row.input_tokens),
    output_tokens: Number(row.output_tokens),
    cost_usd: Number(row.cost_usd).toFixed(6),
    answer_length_avg: Number(row.answer_length_avg).toFixed(6),
    models: row.models,
  }));
  assert.deepEqual(original, sideOf(texts, "demo"));
  assert.deepEqual(rerun, sideOf(reruns as TurnState[], "mock"));

  assert.deepEqual(await whatPeopleSee(), before);
  for (const { client } of people) {
    const path = `/api/turns/${encodeURIComponent(backtestTurnId("exact", turnIds[0]))}`;
    assert.equal((await client.request("GET", path)).status, 404);
  }

  // The same again is the same backtest, and nothing is answered once more.
  const again = await startBacktest(test, request);
  assert.equal(again.status, 200);
  assert.equal(again.view.startedAt, view.startedAt);
  assert.deepEqual(again.view.progress, counts);
  assert.equal((await startBacktest(test, { ...request, limit: 5 })).status, 409);
  assert.equal(provider.requests.length, beforeCount + 30);
});

Deno.test("an operator finds the runs of a backtest in Temporal, and those of users without them", async () => {
  const connection = await NativeConnection.connect({ address: test.stack.addresses.temporal });
  const { workflow } = new Client({ connection });
  const countOf = async (query: string) => (await workflow.count(query)).count;
  try {
    // Temporal's list follows its runs.
    const isListed = async () => await countOf('Backtest = "exact"') === 1 + turnIds.length;
    await until("the backtest and its turns are listed", 10_000, isListed);
    const users = 'WorkflowType = "answerTurn" AND Backtest IS NULL';
    assert.equal(await countOf(users), turnIds.length);
  } finally {
    await connection.close();
  }
});

Deno.test("a worker killed in the middle: the backtest goes on, and every answer is whole", async () => {
  await startBacktest(test, { id: "killed", from, to, model: "slow", ...unlimited });
  await untilBacktest(test, "killed", 20_000, ({ progress }) => progress.started >= 10);
  await test.stack.kill("worker");
  const { status, progress } = await untilBacktest(test, "killed", 90_000);
  assert.equal(status, "completed");
  assert.equal(progress.completed, 30);
  const reruns = await rerunsOf(test, "killed", turnIds);
  const texts = await originals();
  for (const [index, rerun] of reruns.entries()) {
    assert.equal(rerun?.text, simulated(texts[index].message, 300));
  }
  const interrupted = reruns.filter((turn) =>
    turn!.attempts.some(({ error }) => error?.class === "interrupted")
  );
  assert(interrupted.length > 0, "the kill met no answer in the middle");
});

Deno.test("turns are started no faster than the rate says, and no more at once than may be", async () => {
  const limited = { from, to, model: "demo", limit: 8 };
  await startBacktest(test, { id: "paced", ...limited, turnsPerMinute: 150, concurrency: 8 });
  await startBacktest(test, { id: "narrow", ...limited, turnsPerMinute: 6000, concurrency: 2 });
  await Promise.all(["paced", "narrow"].map((id) => untilBacktest(test, id, 30_000)));

  const taken = turnIdsByTime(await originals()).slice(0, 8);
  const paced = (await rerunsOf(test, "paced", taken)).map((turn) => Date.parse(turn!.sentAt));
  const gaps = paced.slice(1).map((ms, index) => ms - paced[index]);
  // In the order in which their users sent them, each 400 ms after the one before or later.
  assert(gaps.every((gap) => gap >= 400), `gaps: ${gaps}`);

  const narrow = await rerunsOf(test, "narrow", taken);
  const atOnce = narrow.map((turn) =>
    narrow.filter((other) => other!.sentAt <= turn!.sentAt && other!.endedAt! > turn!.sentAt).length
  );
  assert.equal(Math.max(...atOnce), 2, `at once: ${atOnce}`);
});

/** As a backtest takes them: some were sent in the same millisecond. */
function turnIdsByTime(turns: readonly TurnState[]): string[] {
  const placeOf = ({ sentAt, turnId }: TurnState) => `${sentAt} ${turnId}`;
  return turns.toSorted((a, b) => placeOf(a) < placeOf(b) ? -1 : 1).map(({ turnId }) => turnId);
}

Deno.test("a stop ends what is under way as its user would, and starts nothing more", async () => {
  await startBacktest(test, {
    id: "stopped",
    from,
    to,
    model: "slow",
    turnsPerMinute: 6000,
    concurrency: 4,
  });
  await untilBacktest(test, "stopped", 20_000, ({ progress }) => progress.started === 4);
  const stop = () => test.client.request("POST", "/api/operations/backtests/stopped/stop");
  assert.equal((await stop()).status, 202);
  const { status, progress } = await untilBacktest(test, "stopped", 20_000);
  assert.equal(status, "stopped");
  assert.deepEqual({ ...progress, selected: null }, {
    selected: null,
    started: 4,
    completed: 0,
    stopped: 4,
    failed: 0,
    skipped: 0,
  });
  const reruns = await rerunsOf(test, "stopped", turnIds);
  const states = reruns.flatMap((turn) => turn ? [turn.status] : []);
  assert.deepEqual(states, ["stopped", "stopped", "stopped", "stopped"]);
  assert.equal((await stop()).status, 202, "again");
});

Deno.test("turns that fail are counted, and end no backtest", async () => {
  await startBacktest(test, { id: "refused", from, to, model: "refused", limit: 5, ...unlimited });
  const { status, progress } = await untilBacktest(test, "refused", 30_000);
  assert.equal(status, "completed");
  assert.deepEqual([progress.failed, progress.completed], [5, 0]);
});

Deno.test("more turns than one run takes go on in the next one", async () => {
  const conversationId = crypto.randomUUID();
  await readStore(test, (store) => storePastTurns(store, conversationId, 130));
  await startBacktest(test, {
    id: "long",
    from,
    model: "demo",
    onlyConversation: conversationId,
    limit: 120,
    ...unlimited,
  });
  const view = await untilBacktest(test, "long", 90_000);
  assert.equal(view.status, "completed");
  assert.equal(view.selection.limit, 120, "the next run knows what it is");
  assert.deepEqual([view.progress.selected, view.progress.completed], [120, 120]);
  const listed = await (await test.client.request("GET", "/api/operations/backtests")).json();
  const ids = listed.items.map(({ id }: { id: string }) => id);
  assert.equal(ids.filter((id: string) => id === "long").length, 1);
});

async function runScript(
  args: string[],
  whileRunning: (child: Deno.ChildProcess) => Promise<void> = () => Promise.resolve(),
): Promise<{ code: number; text: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "scripts/backtest.ts", ...args],
    env: { TURNLOG_URL: test.stack.url },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ code, stdout, stderr }] = await Promise.all([child.output(), whileRunning(child)]);
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("the command shows a backtest to its end, and compares", async () => {
  const range = ["--from", from, "--to", to];
  const { code, text } = await runScript([...range, "--id", "command", "--limit", "5"]);
  assert.equal(code, 0, text);
  assert.match(text, /completed: 5 of 5 turns started, 5 completed/);
  assert.match(text, /^turns +5 +5$/m);
  const wrong = await runScript([...range, "--model", "nobody"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.text, /Unknown model: .*nobody/);
});

Deno.test("whoever leaves the command leaves its backtest running, and can stop it", async () => {
  const args = ["--from", from, "--to", to, "--id", "left", "--model", "slow"];
  const { code, text } = await runScript(args, async (child) => {
    await untilBacktest(test, "left", 20_000, ({ progress }) => progress.started > 0);
    child.kill("SIGINT");
  });
  assert.equal(code, 0, text);
  assert.match(text, /goes on without you: deno task backtest --stop left/);
  assert.equal((await untilBacktest(test, "left", 5000, () => true)).status, "running");
  assert.equal((await runScript(["--stop", "left"])).code, 0);
  assert.equal((await untilBacktest(test, "left", 20_000)).status, "stopped");
});

Deno.test("what its user has deleted is not answered again", async () => {
  const { client, conversations: [{ conversationId }] } = people[0];
  await client.request("DELETE", `/api/conversations/${conversationId}`);
  await startBacktest(test, { id: "deleted", from, to, model: "demo", ...unlimited });
  const { progress } = await untilBacktest(test, "deleted", 30_000);
  assert.deepEqual([progress.selected, progress.completed], [25, 25]);
  const reruns = await rerunsOf(test, "deleted", people[0].conversations[0].turnIds);
  assert.deepEqual(reruns, [null, null, null, null, null]);
});
