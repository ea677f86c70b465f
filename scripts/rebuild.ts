/**
 * `deno task rebuild`: writes ClickHouse's rows anew from the store or from Kafka, while everything runs. Safe to break off
 * and to run again.
 */
import {
  rebuildFromKafka,
  rebuildFromStore,
  type RebuildOptions,
  type RebuildReport,
} from "../analytics/rebuild.ts";
import { connectKafka } from "../events/kafka/kafkajs_log.ts";
import { configureLogging } from "../events/logging.ts";
import { SettingsError } from "../events/read_settings.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { readEnvironment } from "./config.ts";
import { type EngineAccess, engineAccess, reachClickHouse } from "./engine_access.ts";
import { standardOutput } from "./output.ts";
import { parseFlags, requireKnown, runTask } from "./task.ts";

const sources: Record<
  string,
  (access: EngineAccess, options: RebuildOptions) => Promise<RebuildReport>
> = { store: fromStore, kafka: fromKafka };

async function fromStore({ storePath }: EngineAccess, options: RebuildOptions) {
  if (!await Deno.stat(storePath).catch(() => null)) {
    throw new SettingsError(
      `Cannot rebuild from the store: there is no file ${storePath}. Name its folder with --data`,
    );
  }
  const store = openSqliteStore(storePath);
  try {
    return await rebuildFromStore(store, options);
  } finally {
    await store.close();
  }
}

async function fromKafka({ brokers, topicPrefix }: EngineAccess, options: RebuildOptions) {
  const kafka = connectKafka({ brokers, topicPrefix, clientId: "turnlog-rebuild" });
  try {
    return await rebuildFromKafka(kafka, options);
  } finally {
    await kafka.close();
  }
}

const usage = `usage: deno task rebuild [--from store|kafka] [--data FOLDER]

  --from SOURCE  store: the log of events (the default); kafka: the topic, as far back as it is kept
  --data FOLDER  the data folder (TURNLOG_DATA, .turnlog)`;

async function main(args: string[]): Promise<number> {
  const { values: { from, data } } = parseFlags({
    args,
    options: { from: { type: "string", default: "store" }, data: { type: "string" } },
  });
  requireKnown([from], Object.keys(sources), "rebuild from");
  configureLogging({ level: "warning", format: "text" });
  const access = engineAccess(readEnvironment({ data }));
  const interrupted = new AbortController();
  Deno.addSignalListener("SIGINT", () => interrupted.abort());
  const clickHouse = await reachClickHouse(access);
  const output = standardOutput();
  const step = output.step("rebuild");
  step.says(`reading the ${from === "kafka" ? "topic" : "store"}`);
  const beganMs = performance.now();
  try {
    const { events, notEvents, others } = await sources[from](access, {
      clickHouse,
      stopping: interrupted.signal,
      onProgress({ events, share }) {
        const rate = Math.round(events / ((performance.now() - beganMs) / 1000));
        step.detail(`${events} events, ${Math.round(share * 100)} %, ${rate} a second`);
      },
    });
    step.done(others === null ? `broken off after ${events} events` : `${events} events`);
    if (others === null) {
      output.line("What was rebuilt stays. The same command begins anew, and doubles nothing");
      return 1;
    }
    if (notEvents > 0) output.line(`No events, as dead_letters says: ${notEvents}`);
    if (others > 0) output.line(`In ClickHouse alone, where they stay as they were: ${others}`);
    return 0;
  } finally {
    output.close();
    await clickHouse.close();
  }
}

if (import.meta.main) await runTask({ usage, run: main });
