/** What an engine is to a start: a server that is got in one of several ways, and run. */
import type { Tool } from "./tools.ts";

/** How long an engine may take to be up: seconds, but on a machine that is busy with much else one was as slow as this. */
export const engineReadyMs = 180_000;

/**
 * @typeParam Place Where the engine was found or put, as far as it must be known to run it.
 */
export interface Engine<Place> {
  /** As people call it. */
  title: string;
  /** The variable with the address of one that runs already: then this one is not needed. */
  addressVariable: string;
  /** What it takes to run it, however it is got. */
  needs: Tool[];
  /** @returns The one that is installed on this machine; null where there is none that is new enough. */
  findInstalled(): Promise<Found<Place> | null>;
  /** The ways to get it into the cache, in the order in which they are tried. */
  installs: Install<Place>[];
}

export interface Found<Place> {
  place: Place;
  /** What was found, such as "1.5.1 on PATH". */
  description: string;
}

export interface Install<Place> {
  /** Its folder in the cache: one name for one version and kind of machine, whatever the way. */
  folder: string;
  /** What is got, such as "1.5.1". */
  version: string;
  /** What is done, such as "building its Go module". */
  doing: string;
  /** How long it takes as a rule. */
  usually: string;
  needs: Tool[];
  /** Whether it can be tried, which is found out within a few seconds. */
  isReachable(): Promise<boolean>;
  /** Puts the engine into an empty folder. */
  fill(folder: string, progress: InstallProgress): Promise<void>;
  place(folder: string): Place;
}

export interface InstallProgress {
  /** How far it is, such as "12 of 44 MB"; may be told many times a second. */
  detail(text: string): void;
  signal: AbortSignal;
}
