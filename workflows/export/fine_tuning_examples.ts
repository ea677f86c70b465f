/**
 * A conversation as examples for the fine-tuning of chat models, in OpenAI's format. An example is a history up to an
 * answer; earlier answers in it have the weight 0 where they are not to be learned, or are learned from another example.
 * So each answer that is selected is learned once, however a conversation branches.
 */
import type { ChatCompletionMessageParam, ChatCompletionTool } from "openai/resources";
import type { TurnState } from "../../events/contract/conversation.ts";
import { mapMessage, mapRequest } from "../providers/openai_request.ts";

export interface FineTuningExample {
  messages: (ChatCompletionMessageParam & { weight?: 0 | 1 })[];
  tools?: ChatCompletionTool[];
  parallel_tool_calls?: boolean;
}

/**
 * @param turns All turns of a conversation.
 * @param isSelected Whose answers are to be learned; only complete ones are.
 */
export function fineTuningExamples(
  turns: readonly TurnState[],
  isSelected: (turn: TurnState) => boolean,
): FineTuningExample[] {
  const learned = turns.filter((turn) => isLearnable(turn) && isSelected(turn));
  const turnsById = new Map(turns.map((turn) => [turn.turnId, turn]));
  const paths = learned.filter(({ request }) => request === undefined)
    .map((turn) => pathOf(turn, turnsById));
  const inner = new Set(paths.flatMap((path) => path.slice(0, -1)));
  const open = new Set(learned);
  return [
    ...learned.flatMap((turn) => turn.request === undefined ? [] : [requestExample(turn)]),
    ...paths.filter((path) => !inner.has(path.at(-1)!)).map((path) => pathExample(path, open)),
  ];
}

function isLearnable({ status, text, toolCalls }: TurnState): boolean {
  return status === "completed" && (text !== "" || toolCalls !== undefined);
}

/** @returns The turns from the root of the conversation to this one. */
function pathOf(turn: TurnState, turnsById: ReadonlyMap<string, TurnState>): TurnState[] {
  const path = new Set<TurnState>();
  for (let at: TurnState | undefined = turn; at !== undefined && !path.has(at);) {
    path.add(at);
    at = turnsById.get(at.parentTurnId ?? "");
  }
  return [...path].reverse();
}

/** What a person wrote, with the history that the model was sent. */
function pathExample(path: readonly TurnState[], open: Set<TurnState>): FineTuningExample {
  return {
    messages: path.flatMap((turn) => {
      const question = { role: "user", content: turn.message } as const;
      if (turn.text === "") return [question];
      const weight = turn.request === undefined && open.delete(turn) ? 1 : 0;
      return [question, { role: "assistant", content: turn.text, weight }];
    }),
  };
}

/** What a program asked: it told the whole history itself. */
function requestExample({ request, text, toolCalls }: TurnState): FineTuningExample {
  const { tools, parallel_tool_calls } = mapRequest(request!);
  const history = request!.messages.map(mapMessage);
  const answer = mapMessage({ role: "assistant", content: text, ...(toolCalls && { toolCalls }) });
  return {
    messages: [
      ...history.map((message) =>
        message.role === "assistant" ? { ...message, weight: 0 as const } : message
      ),
      { ...answer, weight: 1 },
    ],
    ...(tools && { tools }),
    ...(parallel_tool_calls !== undefined && { parallel_tool_calls }),
  };
}
