/** How soon a stop reaches the provider: from the POST until the provider's socket is closed, on any worker. */
import type { MockOpenAi } from "../load/mock_openai.ts";
import { TurnClient } from "../load/turn_client.ts";
import { until } from "../load/until.ts";
import type { Stack } from "../stack.ts";
import { type Figure, quantile } from "./measurement.ts";

const rounds = 20;
/** Turns that are written, and stopped, beside each other. */
const turnsAtOnce = 5;
/** How much of an answer has come when it is stopped, in parts. */
const partsSeen = 10;
/** The mock notices that its socket is closed with the next token. */
const tokenMs = 5;
const closedWithinMs = 10_000;

export const models = `
providers:
  mock: { kind: openai, baseUrl: "\${VLLM_URL}", vllm: true }
models:
  mock: { provider: mock, name: mock-model }
routes:
  default: { candidates: [mock] }
`;

/** So that a stop has to find the worker that makes the call: the api makes none. */
export const variables = { TURNLOG_WORKERS: "2", TURNLOG_API_TURNS: "0" };

/** @param stack Uses the models above, with the provider's address as VLLM_URL. */
export async function measureStop(stack: Stack, mock: MockOpenAi): Promise<Figure[]> {
  mock.behave({ firstTokenMs: 20, tokenMs, tokens: 4000 });
  const client = await TurnClient.connect(stack.url);
  const conversationId = await client.conversation();
  const stops: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const turns = Array.from(
      { length: turnsAtOnce },
      (_, index) => `Round ${round}, turn ${index}`,
    );
    stops.push(
      ...await Promise.all(turns.map((text) => stopOnce(client, conversationId, text, mock))),
    );
  }
  const aim = { what: "aim", value: 300 };
  const conditions = `of ${stops.length}, ${turnsAtOnce} at once`;
  return [
    {
      what: `POST of a stop until the provider's socket is closed, p50 ${conditions}`,
      value: quantile(stops),
      unit: "ms",
    },
    { what: "the same, p95", value: quantile(stops, 0.95), unit: "ms", against: aim },
  ];
}

async function stopOnce(
  client: TurnClient,
  conversationId: string,
  text: string,
  mock: MockOpenAi,
): Promise<number> {
  const { turnId } = await client.send(conversationId, { text, parentTurnId: null });
  let count = 0;
  for await (const _part of client.parts(turnId)) {
    if (++count === partsSeen) break;
  }
  const request = mock.requests.find(({ body }) => body.messages.at(-1).content === text)!;
  const postedMs = performance.now();
  await client.stop(turnId);
  const endedMs = await until(
    "the provider's connection is closed",
    closedWithinMs,
    () => Promise.resolve(request.endedMs),
  );
  return endedMs - postedMs;
}
