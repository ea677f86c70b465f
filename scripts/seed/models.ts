/** Who answers: models as `deploy/turnlog.yaml` names them, with their pace, their price, and how they fail. */
import type { Failure, FailureClass } from "../../events/contract/failure.ts";
import type { Price } from "../../events/contract/turn_plan.ts";

export interface SeedModel {
  provider: string;
  model: string;
  requestModel: string;
  /** Empty where the provider's kind has its own address. */
  endpoint: string;
  price?: Price;
  /** In the middle of the night; it grows with what the server has to do, where that is ours. */
  firstTokenMs: number;
  /** By how much, in the busiest hours. */
  rushFactor: number;
  tokensPerSecond: number;
  /** The share of an answer's tokens that it spends on reasoning, beside the text. */
  reasoningShare: number;
  /** The share of what it has read before that it reads from its cache. */
  cachedShare: number;
  /** The share of its calls that fail when nothing is wrong with its provider. */
  failureShare: number;
  /** How good people find its answers beside those of others: one more is to be preferred e times as often. */
  strength: number;
}

const local: SeedModel = {
  provider: "local",
  model: "local",
  requestModel: "Qwen/Qwen3-4B-Instruct-2507",
  endpoint: "http://gpu-1:8000/v1",
  firstTokenMs: 140,
  rushFactor: 2.2,
  tokensPerSecond: 62,
  reasoningShare: 0,
  cachedShare: 0.9,
  failureShare: 0.018,
  strength: 0,
};
const claudeSonnet: SeedModel = {
  provider: "anthropic",
  model: "claude-sonnet",
  requestModel: "claude-sonnet-5-5",
  endpoint: "",
  price: { input: 2, cachedInput: 0.2, output: 10, version: "2026-09-28" },
  firstTokenMs: 620,
  rushFactor: 1.2,
  tokensPerSecond: 78,
  reasoningShare: 0.1,
  cachedShare: 0.7,
  failureShare: 0.02,
  strength: 0.7,
};
const claudeOpus: SeedModel = {
  ...claudeSonnet,
  model: "claude-opus",
  requestModel: "claude-opus-5-5",
  price: { input: 4, cachedInput: 0.2, output: 20, version: "2026-09-22" },
  firstTokenMs: 980,
  tokensPerSecond: 52,
  reasoningShare: 0.4,
  strength: 1.2,
};
const gptSol: SeedModel = {
  provider: "openai",
  model: "gpt-sol",
  requestModel: "gpt-6.1-sol",
  endpoint: "",
  price: { input: 2, cachedInput: 0.1, output: 10, version: "2026-09-29" },
  firstTokenMs: 520,
  rushFactor: 1.3,
  tokensPerSecond: 95,
  reasoningShare: 0.25,
  cachedShare: 0.6,
  failureShare: 0.018,
  strength: 0.8,
};
const gptLuna: SeedModel = {
  ...gptSol,
  model: "gpt-luna",
  requestModel: "gpt-6-luna",
  price: { input: 0.1, cachedInput: 0.01, output: 0.5, version: "2026-09-22" },
  firstTokenMs: 310,
  tokensPerSecond: 160,
  reasoningShare: 0,
  strength: 0.3,
};

/** Route or model → whom it asks, in this order. */
export const candidatesOf: Record<string, readonly SeedModel[]> = {
  "default": [local, claudeSonnet, gptSol],
  "claude-sonnet": [claudeSonnet],
  "gpt-sol": [gptSol],
  "claude-opus": [claudeOpus],
  "gpt-luna": [gptLuna],
};

/** What people ask for where they want an answer by another model. */
export const otherModels = ["claude-sonnet", "claude-opus", "gpt-sol", "gpt-luna"];

/** The addresses that can fail. */
export const endpoints = [local, claudeSonnet, gptSol].map(({ provider, endpoint }) => ({
  provider,
  endpoint,
}));

/** How calls fail now and then, and how often each. */
export const usualFailures: readonly (readonly [FailureClass, number])[] = [
  ["rate-limited", 30],
  ["overloaded", 22],
  ["cut-off", 16],
  ["timed-out", 12],
  ["stalled", 10],
  ["unreachable", 6],
  ["refused", 4],
];

/** How calls fail while the provider is down. */
export const outageFailures: readonly (readonly [FailureClass, number])[] = [
  ["overloaded", 60],
  ["unreachable", 30],
  ["timed-out", 10],
];

const failures: Record<string, Omit<Failure, "class">> = {
  "rate-limited": { message: "429 Too many requests", status: 429, retryAfterMs: 2000 },
  "overloaded": { message: "503 The server is overloaded", status: 503 },
  "cut-off": { message: "The stream ended without its proper end" },
  "timed-out": { message: "No first token within 15 s" },
  "stalled": { message: "The stream was silent for more than 20 s" },
  "unreachable": { message: "No connection to the provider" },
  "refused": { message: "The provider's policy refuses the request", status: 400 },
};

export function failureOf(failureClass: FailureClass): Failure {
  return { class: failureClass, ...failures[failureClass] } as Failure;
}
