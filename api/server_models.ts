/** Which models a compatible server lists, asked now and then, to say whether it is there and what `auto` is. */

import { rootCause } from "../events/root_cause.ts";

export type ServerModels =
  | { reachable: true; models: ServerModel[] }
  /** Why not, as a sentence. */
  | { reachable: false; reason: string };

export interface ServerModel {
  name: string;
  /** vLLM tells it; others do not. */
  contextTokens: number | null;
}

/** An answer is believed for so long. */
const believedMs = 5000;
/** A server that has not answered by then is not reachable. */
const timeoutMs = 1500;

interface ModelList {
  data?: { id: string; max_model_len?: number }[];
}

export class ServerModelsReader {
  readonly #answers = new Map<string, { answer: Promise<ServerModels>; untilMs: number }>();

  /** @param apiKey Sent if there is one. */
  read(baseUrl: string, apiKey: string | undefined): Promise<ServerModels> {
    const known = this.#answers.get(baseUrl);
    if (known !== undefined && known.untilMs > Date.now()) return known.answer;
    const answer = ask(baseUrl, apiKey);
    this.#answers.set(baseUrl, { answer, untilMs: Date.now() + believedMs });
    return answer;
  }
}

async function ask(baseUrl: string, apiKey: string | undefined): Promise<ServerModels> {
  try {
    const response = await fetch(`${baseUrl}/models`, {
      headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) {
      await response.body?.cancel();
      const hint = response.status === 401 ? ": its key is missing or wrong" : "";
      return { reachable: false, reason: `the server answers ${response.status}${hint}` };
    }
    const { data = [] }: ModelList = await response.json();
    const models = data.map(({ id, max_model_len }) => ({
      name: id,
      contextTokens: max_model_len ?? null,
    }));
    return models.length > 0
      ? { reachable: true, models }
      : { reachable: false, reason: "the server lists no model" };
  } catch (error) {
    return { reachable: false, reason: `the server cannot be reached: ${rootCause(error)}` };
  }
}
