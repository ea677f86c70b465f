/** What a worker would do, for the tests of the api: it tells of turns in the store and in the hub. */
import { createEvent, type EventData, type EventType } from "../events/contract/event.ts";
import type { Failure } from "../events/contract/failure.ts";
import { type DeltaPart, endPart, type StreamPart } from "../events/contract/stream_part.ts";
import { addToolCallDelta, type ToolCall } from "../events/contract/tool_call.ts";
import type { TurnPlan } from "../events/contract/turn_plan.ts";
import { type FinishReason, noUsage } from "../events/contract/usage.ts";
import { newEventId } from "../events/event_id.ts";
import type { Scene } from "./temporary_app.ts";

const usage = { ...noUsage, inputTokens: 3, outputTokens: 2 };

/** Answers each turn that is started with these pieces, or fails after them; a text stands for a piece of text. */
export function answerTurns(
  scene: Scene,
  pieces: (string | DeltaPart)[],
  failure?: Failure,
): void {
  const deltas = pieces.map((piece): DeltaPart =>
    typeof piece === "string" ? { type: "text-delta", text: piece } : piece
  );
  scene.temporal.onStart = (plan) => {
    answerTurn(scene, plan, deltas, failure).catch((error) => console.error(error));
  };
}

async function answerTurn(
  { store, hub }: Scene,
  { message }: TurnPlan,
  deltas: DeltaPart[],
  failure: Failure | undefined,
): Promise<void> {
  const { tenant, userKey, conversationId } = message;
  const turnId = message.turnId!;
  const event = <Type extends EventType>(type: Type, data: EventData[Type], attempt?: number) =>
    createEvent({
      id: newEventId(),
      source: "test",
      type,
      subject: { tenant, userKey, conversationId, turnId, attempt },
      data,
    }) as never;
  const hear = (sequence: number, part: StreamPart) =>
    hub.turn(turnId).hear({ position: { attempt: 1, sequence }, part });
  const target = { provider: "simulated", model: "demo", requestModel: "demo", isFallback: false };
  const end = {
    ...target,
    responseModel: null,
    timeToFirstTokenMs: 1,
    durationMs: 2,
    usage,
    costUsd: 0,
    priceVersion: null,
    ...gather(deltas),
    isContinuation: false,
    lastSequence: deltas.length + 1,
  };
  const finishReason: FinishReason = end.toolCalls
    ? { unified: "tool-calls", raw: "tool_calls" }
    : { unified: "stop", raw: "stop" };
  const turnEnd = { attempts: 1, durationMs: 2, usage, costUsd: 0 };
  await store.append([message, event("attempt.started", { ...target, continues: 0 }, 1)]);
  hear(0, { type: "attempt-start", attempt: 1, provider: "simulated", model: "demo" });
  deltas.forEach((delta, index) => hear(index + 1, delta));
  await store.append(
    failure
      ? [
        event("attempt.failed", { ...end, error: failure }, 1),
        event("turn.failed", { ...turnEnd, error: failure }),
      ]
      : [
        event("attempt.completed", { ...end, finishReason }, 1),
        event("turn.completed", { ...turnEnd, finishReason }),
      ],
  );
  const turn = (await store.turn(turnId))!;
  hear(deltas.length + 1, {
    type: "attempt-end",
    attempt: 1,
    outcome: failure ? "failed" : "completed",
  });
  hear(deltas.length + 2, endPart(turn));
}

function gather(deltas: readonly DeltaPart[]) {
  const joined = (type: "text-delta" | "reasoning-delta") =>
    deltas.map((delta) => delta.type === type ? delta.text : "").join("");
  const calls = deltas.filter((delta) => delta.type === "tool-call-delta");
  return {
    text: joined("text-delta"),
    reasoning: joined("reasoning-delta"),
    ...(calls.length > 0 && { toolCalls: calls.reduce<ToolCall[]>(addToolCallDelta, []) }),
  };
}
