/**
 * `deno task replay-dead-letters`: makes events of the messages that ingestion set aside, where that is possible now, and
 * says of each one what became of it.
 */
import {
  type DeadLetterFilter,
  replayDeadLetters,
} from "../analytics/ingest/replay_dead_letters.ts";
import { readEnvironment } from "./config.ts";
import { engineAccess, reachClickHouse } from "./engine_access.ts";
import { FlagsError, parseFlags, runTask } from "./task.ts";

const usage =
  `usage: deno task replay-dead-letters [--reason WORDS] [--from TIME] [--to TIME] [--data FOLDER]

  --reason WORDS  not-json, not-an-event or refused, or words of the reason
  --from TIME     messages from this time on, ISO 8601
  --to TIME       messages before this time
  --data FOLDER   the data folder (TURNLOG_DATA, .turnlog)`;

async function main(args: string[]): Promise<void> {
  const { values } = parseFlags({
    args,
    options: {
      reason: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      data: { type: "string" },
    },
  });
  const filter: DeadLetterFilter = {
    reason: values.reason,
    from: readTime("--from", values.from),
    to: readTime("--to", values.to),
  };
  const access = engineAccess(readEnvironment({ data: values.data }));
  const interrupted = new AbortController();
  Deno.addSignalListener("SIGINT", () => interrupted.abort());
  const clickHouse = await reachClickHouse(access);
  const counts = { replayed: 0, left: 0 };
  try {
    for await (const letter of replayDeadLetters(clickHouse, filter, interrupted.signal)) {
      const { place, messageTime, event, reason } = letter;
      counts[event ? "replayed" : "left"]++;
      const now = event ? `now the event ${event.id}, ${event.type}` : `still none: ${reason}`;
      console.log(`${place}  ${messageTime}  ${now}`);
    }
  } finally {
    await clickHouse.close();
  }
  console.log(`Events now: ${counts.replayed}. Still dead letters: ${counts.left}`);
}

/** @throws FlagsError where it is no time. */
function readTime(flag: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) {
    throw new FlagsError(`${flag}: must be an ISO 8601 time (found ${text})`);
  }
  return time;
}

if (import.meta.main) await runTask({ usage, run: main });
