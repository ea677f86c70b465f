/** Makes the plan of an export from what an operator asks for. Pure: it decides by what it is given. */
import type { ExportPlan } from "../events/contract/export.ts";
import { exportFormats } from "../events/contract/export_files.ts";
import type { NewExport } from "./export_schemas.ts";
import { readMoment } from "./moment.ts";
import { ProblemError } from "./problem.ts";

const dayMs = 86_400_000;

/** @throws ProblemError where the range of time is none. */
export function planExport(id: string, request: NewExport, now: Date = new Date()): ExportPlan {
  const { formats, from, to, keepDays, id: _, ...filter } = request;
  const [start, end] = [readMoment(from, now)!, to === undefined ? now : readMoment(to, now)!];
  if (start >= end) {
    throw new ProblemError("invalid-request", "from: must be before to", {
      errors: [{ path: "from", message: "must be before to" }],
    });
  }
  return {
    id,
    formats: exportFormats.filter((format) => formats.includes(format)),
    selection: { from: start.toISOString(), to: end.toISOString(), ...filter },
    keepMs: keepDays * dayMs,
  };
}
