/** Which models a compatible server lists, and how much context each one takes, asked now and then. */
import type OpenAI from "openai";
import { type ProviderCall, ProviderError } from "./provider.ts";

/** How long a server's answer to which models it has is believed. */
const believedMs = 30_000;

export interface ListedModel {
  name: string;
  /** vLLM tells it; others do not. */
  contextTokens: number | undefined;
}

const lists = new Map<OpenAI, { models: Promise<ListedModel[]>; untilMs: number }>();

/** @returns The candidate's model as the server lists it, the first one for `auto`; undefined where it does not. */
export async function listedModel(
  client: OpenAI,
  { candidate, signal }: ProviderCall,
): Promise<ListedModel | undefined> {
  let list = lists.get(client);
  if (list === undefined || list.untilMs < Date.now()) {
    const models = client.models.list({ signal }).then(({ data }) => data.map(toListed));
    list = { models, untilMs: Date.now() + believedMs };
    lists.set(client, list);
    models.catch(() => lists.delete(client));
  }
  const models = await list.models;
  return candidate.requestModel === "auto"
    ? models[0]
    : models.find(({ name }) => name === candidate.requestModel);
}

/**
 * @returns The name to send; for `auto` the first one that the server lists.
 * @throws ProviderError where it lists none.
 */
export async function modelName(client: OpenAI, call: ProviderCall): Promise<string> {
  const { requestModel, provider } = call.candidate;
  if (requestModel !== "auto") return requestModel;
  const first = await listedModel(client, call);
  if (first !== undefined) return first.name;
  throw new ProviderError({
    class: "bad-request",
    message: `${provider} lists no model: load one, or name one in turnlog.yaml`,
  });
}

function toListed(model: OpenAI.Model & { max_model_len?: number }): ListedModel {
  return { name: model.id, contextTokens: model.max_model_len };
}
