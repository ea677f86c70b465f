/** The API for programs by the official clients for Python, as `openai_test.ts` asks it by those for JavaScript. */
import assert from "node:assert/strict";
import { runCommand } from "../scripts/run_command.ts";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";
import { startTestStack } from "./support/test_stack.ts";

const python = Deno.env.get("TURNLOG_PYTHON");
const script = new URL("clients/official_clients.py", import.meta.url).pathname;
/** What each client calls a 503. */
const unavailable = { openai: "InternalServerError", anthropic: "ServiceUnavailableError" };

/** What the script prints of one client. */
interface Asked {
  whole: string;
  tokens: number;
  streamed: string;
  streamedTokens: number;
  pieces: number;
  calls: [name: string, input: string][];
  afterTool: string;
  failures: [errorName: string, status: number][];
  sameTurn: boolean;
}

Deno.test(
  "OpenAI's and Anthropic's clients for Python are answered whole, in pieces, with tools, in vain, and once for each key",
  { ignore: python === undefined },
  async () => {
    const { stack, provider, stop } = await startTestStack();
    try {
      const city = '{"city": "Bern"}';
      provider.behave(({ body }) =>
        body.messages.at(-1).role === "tool"
          ? { text: "It rains." }
          : { toolCalls: [{ id: "call_1", name: "weather", arguments: city }], tokenMs: 5 }
      );
      let printed = "";
      await runCommand({
        command: python!,
        args: [script, stack.url],
        environment: {},
        onLine: (line) => printed = line,
      });
      const answer = simulateAnswer("How do clients in Python work?");
      const clients: Record<keyof typeof unavailable, Asked> = JSON.parse(printed);
      for (const client of ["openai", "anthropic"] as const) {
        const { pieces, ...asked } = clients[client];
        assert(pieces > 5, `${client}: it came in pieces`);
        assert.deepEqual(asked, {
          whole: answer.join(""),
          tokens: answer.length,
          streamed: answer.join(""),
          streamedTokens: answer.length,
          calls: [["weather", city], ["weather", city]],
          afterTool: "It rains.",
          failures: [
            ["NotFoundError", 404],
            ["BadRequestError", 400],
            [unavailable[client], 503],
            ["ConflictError", 409],
          ],
          sameTurn: true,
        }, client);
      }
    } finally {
      await stop();
    }
  },
);
