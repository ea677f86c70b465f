import assert from "node:assert/strict";
import type { TurnView } from "../../events/contract/api.ts";
import { askedTurn } from "./live_turn.js";
import { answersBeside, Comparisons, isComparable, pairOf } from "./comparisons.js";
import { Turn } from "./turn.js";

Deno.test("votes leave one after the other, and the screen shows the last one at once", async () => {
  const comparisons = new Comparisons();
  const pair = pairOf(turn("b"), turn("a"));
  await withServer(async (server) => {
    const first = comparisons.vote(pair, "first");
    const second = comparisons.vote(pair, "tie");
    assert.equal(comparisons.winnerOf(pair), "tie");
    await server.answer(200);
    await server.answer(200);
    await Promise.all([first, second]);
    assert.deepEqual(server.asked, [
      'PUT /api/comparisons/a/b {"winner":"first"}',
      'PUT /api/comparisons/a/b {"winner":"tie"}',
    ]);
    assert.equal(comparisons.winnerOf(pair), "tie");
  });
});

Deno.test("a vote that is refused is taken back to the one before, and other pairs keep theirs", async () => {
  const comparisons = new Comparisons();
  const pair = pairOf(turn("a"), turn("b"));
  const other = pairOf(turn("a"), turn("c"));
  comparisons.update([
    { turnIds: ["a", "b"], models: ["demo", "demo"], winner: "second" },
    { turnIds: ["a", "c"], models: ["demo", "demo"], winner: "neither" },
  ]);
  await withServer(async (server) => {
    const vote = comparisons.vote(pair, "first");
    const refused = assert.rejects(vote, /There is no such turn/);
    await server.answer(404);
    await refused;
    assert.equal(comparisons.winnerOf(pair), "second");
    assert.equal(comparisons.winnerOf(other), "neither");
  });
});

Deno.test("answers to one message are beside each other, those to another wording are not", () => {
  const turns = [turn("a"), turn("b", { message: "Hello" }), turn("c", { status: "stopped" })];
  assert.deepEqual(answersBeside(turns[0], turns).map(({ id }) => id), ["a", "c"]);
  assert.deepEqual(turns.filter(isComparable).map(({ id }) => id), ["a", "b"]);
});

function turn(id: string, facts: Partial<TurnView> = {}): Turn {
  const asked = {
    id,
    conversationId: "conversation",
    parentTurnId: null,
    regeneratedFrom: null,
    route: "default",
    message: "Hi",
  };
  const view: TurnView = { ...askedTurn(asked, ""), status: "completed", text: "Hello", ...facts };
  return new Turn(view, () => {});
}

interface Server {
  asked: string[];
  /** Answers the request that is under way, once there is one. */
  answer(status: number): Promise<void>;
}

/** Runs a test with a server that holds each request until the test answers it. */
async function withServer(run: (server: Server) => Promise<void>): Promise<void> {
  const { fetch } = globalThis;
  const asked: string[] = [];
  let request = Promise.withResolvers<(response: Response) => void>();
  globalThis.fetch = (path, init) =>
    new Promise((resolve) => {
      asked.push(`${init?.method} ${path} ${init?.body}`);
      request.resolve(resolve);
    });
  try {
    await run({
      asked,
      async answer(status) {
        const respond = await request.promise;
        request = Promise.withResolvers();
        respond(Response.json({ detail: "There is no such turn" }, { status }));
      },
    });
  } finally {
    globalThis.fetch = fetch;
  }
}
