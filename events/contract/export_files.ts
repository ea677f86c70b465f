/** The files of an export, and how much is in them. */

/**
 * - `jsonl`: each line is a conversation, an `ExportedConversation`
 * - `parquet`: each row is a turn, with the fields of an `ExportedTurn`
 * - `fine-tuning`: each line is an example for the fine-tuning of OpenAI's chat models
 */
export const exportFormats = ["jsonl", "parquet", "fine-tuning"] as const;
/** @open */
export type ExportFormat = typeof exportFormats[number];

export const exportFileNames: Readonly<Record<ExportFormat, string>> = {
  "jsonl": "conversations.jsonl",
  "parquet": "turns.parquet",
  "fine-tuning": "fine_tuning.jsonl",
};

export interface ExportFile {
  format: ExportFormat;
  name: string;
  bytes: number;
}

export interface ExportCounts {
  conversations: number;
  turns: number;
}

/** What is exported, and what is not because its users have not allowed it, though it was asked for. */
export interface ExportTotals extends ExportCounts {
  withoutConsent: ExportCounts;
}
