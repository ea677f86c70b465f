/** Clients of providers' packages, kept so that their connections are used again. */
import type { Candidate } from "../../events/contract/turn_plan.ts";

/** The longest timer there is: the caller's own timeouts end a call, not the package's. */
export const noTimeoutMs = 2 ** 31 - 1;

/** Clients that are kept; the one that was made first goes when there are more, and its idle connections with it. */
const clientsMax = 200;

/** @returns A function that makes one client for each address and key. */
export function cacheClients<Client>(
  create: (candidate: Candidate, apiKey: string | undefined) => Client,
): (candidate: Candidate, apiKey: string | undefined) => Client {
  const clients = new Map<string, Client>();
  return (candidate, apiKey) => {
    const id = JSON.stringify([candidate.baseUrl, apiKey]);
    let client = clients.get(id);
    if (client === undefined) {
      clients.set(id, client = create(candidate, apiKey));
      if (clients.size > clientsMax) clients.delete(clients.keys().next().value!);
    }
    return client;
  };
}
