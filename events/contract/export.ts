/**
 * An export: conversations of those who allow it, as files. It is the workflow `exportConversations`, and its files are
 * there for as long as that is open: it ends when it has removed them.
 */
import type { ChatRequest } from "./chat_request.ts";
import type { AttemptState, ConversationState, TurnState } from "./conversation.ts";
import type { ExportFile, ExportFormat, ExportTotals } from "./export_files.ts";

/** The input of the workflow `exportConversations`. */
export interface ExportPlan {
  id: string;
  formats: ExportFormat[];
  selection: ExportSelection;
  /** How long its files are kept. */
  keepMs: number;
}

/** Which turns, of users who allow it: all conditions hold of each. Those of deleted conversations are none of them. */
export interface ExportSelection {
  /** When they were sent, ISO 8601 in UTC with milliseconds: from the one time on, before the other. */
  from: string;
  to: string;
  /** The model of the last attempt. */
  model?: string;
  rating?: "up" | "down";
  tenant?: string;
  userKey?: string;
  /** Only turns whose answer is complete; else also those that were stopped and that failed. */
  completedOnly: boolean;
}

/** How far an export is. */
export interface ExportProgress extends ExportTotals {
  /** The conversations that are looked through, and how many have been; null until they are counted. */
  toRead: number | null;
  read: number;
  /** Empty until they are written, and when they are removed. */
  files: ExportFile[];
  /** When the files are removed; null until they are written. */
  expiresAt: string | null;
}

/** An export as the API tells of it. */
export interface ExportView extends Pick<ExportPlan, "id" | "formats" | "selection"> {
  /** `expired`: its files are removed. `stopped`: by an operator, which removes them too. */
  status: "running" | "ready" | "expired" | "stopped" | "failed";
  workflowId: string;
  startedAt: string;
  endedAt: string | null;
  progress: ExportProgress;
}

/** A conversation with those of its turns that the selection takes, in the order in which they were sent. */
export type ExportedConversation =
  & { id: string; turns: ExportedTurn[] }
  & Pick<ConversationState, "tenant" | "userKey" | "title" | "createdAt" | "updatedAt">;

export type ExportedTurn =
  & { id: string }
  & Pick<
    TurnState,
    | "parentTurnId"
    | "regeneratedFrom"
    | "route"
    | "variants"
    | "message"
    | "status"
    | "text"
    | "reasoning"
    | "toolCalls"
    | "usage"
    | "finishReason"
    | "error"
    | "feedback"
    | "sentAt"
    | "endedAt"
    | "durationMs"
  >
  /** Of the last attempt; absent where there was none. */
  & Partial<
    Pick<
      AttemptState,
      "provider" | "model" | "requestModel" | "responseModel" | "timeToFirstTokenMs"
    >
  >
  /** Null where the cost of any attempt is not known, as its model has no price. */
  & { attempts: number; costUsd: number | null; request?: ChatRequest };
