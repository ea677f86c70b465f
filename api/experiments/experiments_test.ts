import assert from "node:assert/strict";
import type { ShownDefinition } from "../../events/contract/experiment_view.ts";
import { turnWorkflowId } from "../../events/contract/names.ts";
import { type Scene, withApp } from "../temporary_app.ts";

const tone = (fields: string) =>
  `  tone: { ${fields}, goal: thumbs_up_rate, variants: { control: { weight: 1 }, ` +
  `brief: { weight: 1, overrides: { systemPrompt: "Be brief." } } } }\n`;

/** Runs a test with an app whose file has these experiments. */
async function withExperiments(
  experiments: string,
  run: (scene: Scene) => Promise<void>,
  options: Parameters<typeof withApp>[1] = {},
): Promise<void> {
  const config = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(
    config,
    `providers: { simulated: { kind: simulated } }
models: { demo: { provider: simulated } }
routes: { default: { candidates: [demo] } }
experiments:${experiments === "" ? " {}" : `\n${experiments}`}`,
  );
  try {
    await withApp(run, { ...options, config });
  } finally {
    await Deno.remove(config);
  }
}

Deno.test("a turn carries its variant in the plan, in its message and where Temporal's users filter", () =>
  withExperiments(tone("status: running"), async ({ send, conversation, temporal, store }) => {
    const id = await conversation();
    await send("POST", `/api/conversations/${id}/turns`, { turnId: "t", text: "Hello" });
    const { plan, attributes } = temporal.started.get(turnWorkflowId("t"))!;
    const variant = plan.variants.tone;
    assert.ok(["control", "brief"].includes(variant), variant);
    assert.equal(plan.systemPrompt, variant === "brief" ? "Be brief." : undefined);
    assert.deepEqual(plan.message.variants, { tone: variant });
    assert.equal(attributes.Experiments, `tone=${variant}@1`);
    const [{ experiment, phase, fromCandidate }] = plan.exposures!;
    assert.deepEqual([experiment, phase, fromCandidate], ["tone", 1, 0]);
    assert.deepEqual((await store.turn("t"))!.variants, { tone: variant });
  }));

Deno.test("an experiment is started, stopped and ended by the API, and its winner answers everybody", () =>
  withExperiments(
    tone("status: draft, traffic: 0.0001"),
    async ({ send, conversation, temporal }) => {
      const draft = (await send("GET", "/api/experiments")).body.items[0];
      assert.deepEqual([draft.name, draft.status, draft.phase], ["tone", "draft", null]);
      assert.equal((await send("POST", "/api/experiments/tone/stop")).status, 409);

      assert.equal((await send("POST", "/api/experiments/tone/start")).body.status, "running");
      assert.equal((await send("POST", "/api/experiments/tone/stop")).body.status, "stopped");
      await send("POST", "/api/experiments/tone/start");
      const wrong = await send("POST", "/api/experiments/tone/end", { winner: "loud" });
      assert.deepEqual([wrong.status, wrong.body.errors[0].path], [422, "winner"]);
      const { body } = await send("POST", "/api/experiments/tone/end", { winner: "brief" });
      assert.deepEqual([body.status, body.winner, body.isInFile], ["ended", "brief", true]);
      assert.deepEqual(
        body.audit.map((
          { type, by, winner }: Record<string, string>,
        ) => [type, by, winner ?? null]),
        [
          ["experiment.started", "loopback", null],
          ["experiment.stopped", "loopback", null],
          ["experiment.started", "loopback", null],
          ["experiment.ended", "loopback", "brief"],
        ],
      );
      assert.equal(body.phases.length, 1);
      assert.equal(body.phases[0].endedAt, body.endedAt);

      const id = await conversation();
      await send("POST", `/api/conversations/${id}/turns`, { turnId: "t", text: "Hello" });
      const { plan } = temporal.started.get(turnWorkflowId("t"))!;
      assert.deepEqual([plan.systemPrompt, plan.variants], ["Be brief.", {}]);
    },
  ));

Deno.test("a phase that an experiment has had can be asked for, and no other", () =>
  withExperiments(tone("status: running"), async ({ send }) => {
    const { status, body } = await send("GET", "/api/experiments/tone?phase=1");
    assert.deepEqual([status, body.phase], [200, 1]);
    for (const path of ["?phase=2", "/series?metric=thumbs_up_rate&phase=2"]) {
      const missing = await send("GET", `/api/experiments/tone${path}`);
      assert.equal(missing.status, 404);
      assert.match(missing.body.detail, /no phase 2; it has had phase 1 alone/);
    }
    assert.equal((await send("GET", "/api/experiments/tone?phase=first")).status, 422);
  }));

Deno.test("only operators change experiments, and everyone sees them", () =>
  withExperiments(
    tone("status: running"),
    async ({ request, send }) => {
      assert.equal((await send("GET", "/api/experiments/tone")).status, 200);
      for (const act of ["start", "stop", "end"]) {
        const path = `/api/experiments/tone/${act}`;
        assert.equal((await send("POST", path, {})).body.type, "/problems/operators-only");
      }
      const response = await request("/api/experiments/tone/stop", {
        method: "POST",
        headers: { authorization: "Bearer open sesame" },
      });
      const { status, audit } = await response.json();
      assert.deepEqual([status, audit.at(-1).by], ["stopped", "token"]);
    },
    { operatorToken: "open sesame" },
  ));

Deno.test("only operators read what a variant's system prompt says", () =>
  withExperiments(
    tone("status: running"),
    async ({ request, send }) => {
      const promptsOf = ({ variants }: ShownDefinition) =>
        variants.map(({ overrides }) => overrides.systemPrompt);
      const asOperator = { headers: { authorization: "Bearer open sesame" } };
      for (
        const [init, prompts] of [
          [{}, [undefined, null]],
          [asOperator, [undefined, "Be brief."]],
        ] as const
      ) {
        const detail = await (await request("/api/experiments/tone", init)).json();
        assert.deepEqual(promptsOf(detail.definition), prompts);
        assert.deepEqual(promptsOf(detail.phases[0].definition), prompts);
        const { items } = await (await request("/api/experiments", init)).json();
        assert.deepEqual(promptsOf(items[0].definition), prompts);
      }
      assert.ok(
        !JSON.stringify((await send("GET", "/api/experiments/tone")).body).includes("Be brief"),
      );
    },
    { operatorToken: "open sesame" },
  ));

Deno.test("an experiment that is nowhere is told as such", () =>
  withExperiments("", async ({ send }) => {
    assert.deepEqual((await send("GET", "/api/experiments")).body.items, []);
    for (const [method, act] of [["GET", ""], ["POST", "/start"], ["POST", "/end"]]) {
      assert.equal((await send(method, `/api/experiments/tone${act}`)).status, 404);
    }
  }));
