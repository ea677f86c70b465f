/** Which of several endpoints of one model is called. Pure. */

export interface EndpointOption {
  endpoint: string;
  /** Calls that are under way there, as far as this process knows. */
  inFlight: number;
  /** Requests that the server itself says it has, with what was sent since; null where it does not say. */
  serverLoad: number | null;
  /** When a call there failed; null where none did. */
  lastFailedMs: number | null;
  /** When it was chosen here; 0 where it was not. */
  lastChosenMs: number;
}

/** For so long after a failure another endpoint is preferred: the same turn's next try comes sooner. */
const avoidedMs = 2000;

/**
 * @param options At least one.
 * @returns The one with the least to do: by what the servers say where all of them do, else by calls under way.
 */
export function chooseEndpoint(options: readonly EndpointOption[], nowMs: number): string {
  const saysLoad = options.every(({ serverLoad }) => serverLoad !== null);
  const rank = ({ inFlight, serverLoad, lastFailedMs, lastChosenMs }: EndpointOption) => [
    Number(lastFailedMs !== null && nowMs - lastFailedMs < avoidedMs),
    saysLoad ? serverLoad! : inFlight,
    lastChosenMs,
  ];
  const [first] = options
    .map((option) => ({ option, rank: rank(option) }))
    .sort((a, b) => a.rank.map((each, index) => each - b.rank[index]).find((each) => each) ?? 0);
  return first.option.endpoint;
}
