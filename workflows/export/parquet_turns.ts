/** Turns as a Parquet file, a row each. It is written in groups of rows, so that no more than one group is in memory. */
import { fileWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { ExportedConversation, ExportedTurn } from "../../events/contract/export.ts";

/**
 * A group ends with so many rows, or with the conversation in which its texts come to so many characters. Writing one takes
 * some 60 ms, in which the worker does nothing else.
 */
const groupRowsMax = 10_000;
const groupLengthMax = 2 * 1024 * 1024;

type Value = string | number | Date | null | undefined;

interface Column {
  name: string;
  type: "STRING" | "INT32" | "DOUBLE" | "TIMESTAMP";
  of: (turn: ExportedTurn, conversation: ExportedConversation) => Value;
}

/** Named as the columns of ClickHouse where those tell the same. What has a shape of its own is JSON. */
const columns: Column[] = [
  { name: "conversation_id", type: "STRING", of: (_, conversation) => conversation.id },
  { name: "turn_id", type: "STRING", of: ({ id }) => id },
  { name: "parent_turn_id", type: "STRING", of: ({ parentTurnId }) => parentTurnId },
  { name: "regenerated_from", type: "STRING", of: ({ regeneratedFrom }) => regeneratedFrom },
  { name: "tenant", type: "STRING", of: (_, { tenant }) => tenant },
  { name: "user_key", type: "STRING", of: (_, { userKey }) => userKey },
  { name: "sent_at", type: "TIMESTAMP", of: ({ sentAt }) => new Date(sentAt) },
  { name: "ended_at", type: "TIMESTAMP", of: ({ endedAt }) => endedAt && new Date(endedAt) },
  { name: "status", type: "STRING", of: ({ status }) => status },
  { name: "route", type: "STRING", of: ({ route }) => route },
  { name: "provider", type: "STRING", of: ({ provider }) => provider },
  { name: "model", type: "STRING", of: ({ model }) => model },
  { name: "request_model", type: "STRING", of: ({ requestModel }) => requestModel },
  { name: "response_model", type: "STRING", of: ({ responseModel }) => responseModel },
  { name: "attempts", type: "INT32", of: ({ attempts }) => attempts },
  { name: "message", type: "STRING", of: ({ message }) => message },
  { name: "request", type: "STRING", of: ({ request }) => json(request) },
  { name: "answer", type: "STRING", of: ({ text }) => text },
  { name: "reasoning", type: "STRING", of: ({ reasoning }) => reasoning },
  { name: "tool_calls", type: "STRING", of: ({ toolCalls }) => json(toolCalls) },
  { name: "finish_reason", type: "STRING", of: ({ finishReason }) => finishReason?.unified },
  { name: "error_class", type: "STRING", of: ({ error }) => error?.class },
  { name: "rating", type: "STRING", of: ({ feedback }) => feedback.rating },
  { name: "comment", type: "STRING", of: ({ feedback }) => feedback.comment },
  { name: "variants", type: "STRING", of: ({ variants }) => json(variants) },
  { name: "input_tokens", type: "INT32", of: ({ usage }) => usage.inputTokens },
  { name: "output_tokens", type: "INT32", of: ({ usage }) => usage.outputTokens },
  { name: "cached_tokens", type: "INT32", of: ({ usage }) => usage.cachedTokens },
  { name: "reasoning_tokens", type: "INT32", of: ({ usage }) => usage.reasoningTokens },
  { name: "cost_usd", type: "DOUBLE", of: ({ costUsd }) => costUsd },
  { name: "time_to_first_token_ms", type: "DOUBLE", of: (turn) => turn.timeToFirstTokenMs },
  { name: "duration_ms", type: "DOUBLE", of: ({ durationMs }) => durationMs },
];

/** @param conversations Taken as the file grows. */
export async function writeParquet(
  path: string,
  conversations: AsyncIterable<ExportedConversation>,
): Promise<void> {
  let group = emptyGroup();
  const schema = schemaFromColumnData({ columnData: columnsOf(group) });
  const file = new ParquetWriter({ writer: fileWriter(path), schema, createdBy: "Turnlog" });
  for await (const conversation of conversations) {
    for (const turn of conversation.turns) {
      columns.forEach(({ of }, index) => group.values[index].push(of(turn, conversation) ?? null));
      group.length += turn.message.length + turn.text.length + turn.reasoning.length;
    }
    if (group.values[0].length < groupRowsMax && group.length < groupLengthMax) continue;
    await file.write({ columnData: columnsOf(group), rowGroupSize: Infinity });
    group = emptyGroup();
  }
  await file.write({ columnData: columnsOf(group), rowGroupSize: Infinity });
  await file.finish();
}

function emptyGroup() {
  return { values: columns.map((): Value[] => []), length: 0 };
}

function columnsOf({ values }: { values: Value[][] }) {
  return columns.map(({ name, type }, index) => ({ name, type, data: values[index] }));
}

function json(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
