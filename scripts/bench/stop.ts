/** How soon a stop reaches the provider: from the POST until the provider's socket is closed, whoever makes the call. */
import { type MockOpenAi, startMockOpenAi } from "../load/mock_openai.ts";
import { withTemporaryStack } from "../load/temporary_stack.ts";
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

/** The provider is no vLLM: the api would leave first calls to workers until it knew that it does not sleep. */
const models = `
providers:
  mock: { kind: openai, baseUrl: "\${VLLM_URL}" }
models:
  mock: { provider: mock, name: mock-model }
routes:
  default: { candidates: [mock] }
`;

/** The settings by which a call is made where the stop comes in, or a stop has to find the worker that makes it. */
const callers: Record<string, Record<string, string>> = {
  "a call of the api": {},
  "a call of one of two workers": { TURNLOG_WORKERS: "2", TURNLOG_API_TURNS: "0" },
};

export async function measureStop(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [caller, variables] of Object.entries(callers)) {
    figures.push(...figuresOf(caller, await measureCaller(variables)));
  }
  return figures;
}

async function measureCaller(variables: Record<string, string>): Promise<number[]> {
  const mock = startMockOpenAi({ firstTokenMs: 20, tokenMs, tokens: 4000 });
  try {
    return await withTemporaryStack(
      { models, variables: { VLLM_URL: mock.url, ...variables } },
      (stack) => stopMany(stack, mock),
    );
  } finally {
    await mock.close();
  }
}

function figuresOf(caller: string, stops: number[]): Figure[] {
  const conditions = `of ${stops.length}, ${turnsAtOnce} at once`;
  const aim = { what: "aim", value: 300 };
  return [
    {
      what: `POST of a stop until the provider's socket is closed, ${caller}, p50 ${conditions}`,
      value: quantile(stops),
      unit: "ms",
    },
    { what: "the same, p95", value: quantile(stops, 0.95), unit: "ms", against: aim },
  ];
}

/** @returns How long each stop took, in milliseconds. */
async function stopMany(stack: Stack, mock: MockOpenAi): Promise<number[]> {
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
  return stops;
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
