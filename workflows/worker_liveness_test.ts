import assert from "node:assert/strict";
import type { ControlMessage, RunningActivity } from "../events/kafka/control_message.ts";
import { silenceMsMax, WorkerLiveness } from "./worker_liveness.ts";

/** Workers on a topic that hands each message to all at once, and a clock that stands still. */
class Workers {
  nowMs = 0;
  readonly messages: ControlMessage[] = [];
  readonly failed: string[] = [];
  readonly workers: WorkerLiveness[] = [];
  /** Who says of itself that it does not hear, and does not. */
  deaf: WorkerLiveness | undefined;
  /** Whether Temporal takes what it is asked, and never answers. */
  isStuck = false;

  add(name: string): WorkerLiveness {
    const worker = new WorkerLiveness({
      send: (messages) => {
        this.messages.push(...messages);
        for (const message of messages) {
          this.workers.forEach((each) => each.hear(message, this.nowMs));
        }
        return Promise.resolve();
      },
      failActivity: ({ activityId }: RunningActivity) => {
        this.failed.push(`${name} fails ${activityId}`);
        return this.isStuck ? new Promise(() => {}) : Promise.resolve();
      },
      now: () => this.nowMs,
    });
    this.workers.push(worker);
    return worker;
  }

  /** Lets time pass in which only the given workers say that they live. */
  async pass(ms: number, living: WorkerLiveness[], { isBrokerAway = false } = {}): Promise<void> {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs;) {
      this.nowMs += 200;
      for (const worker of isBrokerAway ? [] : living) {
        const message: ControlMessage = {
          type: "worker-lives",
          worker: worker.id,
          hears: worker !== this.deaf,
        };
        const hearing = this.workers.filter((each) => each !== this.deaf);
        hearing.forEach((each) => each.hear(message, this.nowMs));
      }
      for (const worker of living) await Promise.race([worker.check(), tick()]);
    }
  }
}

const tick = () => new Promise<void>((resolve) => setTimeout(resolve));

const activity = (activityId: string) => ({
  workflowExecution: { workflowId: "turn/1", runId: "run" },
  activityId,
});

Deno.test("the calls of a worker that falls silent are given to others, by one of them", async () => {
  const scene = new Workers();
  const [dead, one, other] = [scene.add("dead"), scene.add("one"), scene.add("other")];
  dead.track(activity("1"));
  dead.track(activity("2"))[Symbol.dispose]();
  one.track(activity("3"));
  await scene.pass(2 * silenceMsMax, [dead, one, other]);
  assert.deepEqual(scene.failed, []);
  await scene.pass(silenceMsMax + 400, [one, other]);
  const first = one.id < other.id ? "one" : "other";
  assert.deepEqual(scene.failed, [`${first} fails 1`]);
  await scene.pass(2 * silenceMsMax, [one, other]);
  assert.equal(scene.failed.length, 1);
});

Deno.test("where the one that takes calls away dies at it, the next one does", async () => {
  const scene = new Workers();
  const three = ["one", "other", "third"].map((name) => scene.add(name));
  const [first, second, dead] = three.sort((a, b) => a.id < b.id ? -1 : 1);
  dead.track(activity("1"));
  await scene.pass(2 * silenceMsMax, three);
  scene.isStuck = true;
  await scene.pass(silenceMsMax + 400, [first, second]);
  assert.equal(scene.failed.length, 1);
  scene.isStuck = false;
  await scene.pass(silenceMsMax + 400, [second]);
  assert.equal(scene.failed.length, 2);
});

Deno.test("a call that another worker has taken up by then is left to it", async () => {
  const scene = new Workers();
  const three = ["one", "other", "third"].map((name) => scene.add(name));
  const [living, next, dead] = three;
  dead.track(activity("1"));
  await scene.pass(2 * silenceMsMax, three);
  next.track(activity("1"));
  await scene.pass(2 * silenceMsMax, [living, next]);
  assert.deepEqual(scene.failed, []);
});

Deno.test("a worker that was only believed dead ends its calls, and is missed again later", async () => {
  const scene = new Workers();
  const [hanging, other] = [scene.add("hanging"), scene.add("other")];
  const { signal } = hanging.track(activity("1"));
  await scene.pass(2 * silenceMsMax, [hanging, other]);
  await scene.pass(silenceMsMax + 400, [other]);
  assert.equal(signal.aborted, true);
  await scene.pass(silenceMsMax, [hanging, other]);
  hanging.track(activity("2"));
  await scene.pass(silenceMsMax + 400, [other]);
  assert.deepEqual(scene.failed, ["other fails 1", "other fails 2"]);
});

Deno.test("who hears nothing, not even itself, holds nobody for dead", async () => {
  const scene = new Workers();
  const [one, other] = [scene.add("one"), scene.add("other")];
  one.track(activity("1"));
  await scene.pass(2 * silenceMsMax, [one, other]);
  await scene.pass(5 * silenceMsMax, [one, other], { isBrokerAway: true });
  await scene.pass(2 * silenceMsMax, [one, other]);
  assert.deepEqual(scene.failed, []);
});

Deno.test("one that does not hear the others keeps nobody from acting", async () => {
  const scene = new Workers();
  const three = ["one", "other", "third"].map((name) => scene.add(name));
  const [deaf, acting, dead] = three.sort((a, b) => a.id < b.id ? -1 : 1);
  dead.track(activity("1"));
  await scene.pass(2 * silenceMsMax, three);
  scene.deaf = deaf;
  await scene.pass(silenceMsMax + 400, [deaf, acting]);
  assert.equal(scene.failed.length, 1);
});

Deno.test("a worker that leaves is not missed", async () => {
  const scene = new Workers();
  const [leaving, other] = [scene.add("leaving"), scene.add("other")];
  await scene.pass(2 * silenceMsMax, [leaving, other]);
  await leaving.close();
  const said = scene.messages.length;
  await scene.pass(2 * silenceMsMax, [other]);
  assert.equal(scene.messages.length, said);
});
