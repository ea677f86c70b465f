/** The addresses at which a candidate of a plan can be called. */
import type { Candidate } from "./turn_plan.ts";

/**
 * @returns The endpoints as events name them: base URLs, or the empty one where the kind has its own address. None for
 * the simulated provider, which calls nothing: what fails there was asked for.
 */
export function endpointsOf(
  { kind, baseUrl, baseUrls }: Pick<Candidate, "kind" | "baseUrl" | "baseUrls">,
): string[] {
  return kind === "simulated" ? [] : baseUrls ?? [baseUrl ?? ""];
}

/** @returns The candidate as it is called at one of its endpoints. */
export function atEndpoint({ baseUrls: _, ...candidate }: Candidate, endpoint: string): Candidate {
  return endpoint === "" ? candidate : { ...candidate, baseUrl: endpoint };
}
