/** `deno task seed`: fills an installation with plausible months of traffic, for trying dashboards and experiments. */
import { fileURLToPath } from "node:url";
import { sqlitePath } from "../events/read_settings.ts";
import { appAddress } from "./app_address.ts";
import {
  readEnvironment,
  readSetupSettings,
  readStackSettings,
  type StackSettings,
} from "./config.ts";
import { DataFolderError, DataFolderInUseError } from "./data_folder.ts";
import { engineAddresses, type EngineName, withoutAddress } from "./engine_addresses.ts";
import { ToolsMissingError } from "./engines/acquire.ts";
import { formatDuration, type Output, standardOutput } from "./output.ts";
import { PortsTakenError } from "./ports.ts";
import { readFlags, type SeedFlags, type TargetName, usage } from "./seed/flags.ts";
import {
  clickHouseTarget,
  kafkaTarget,
  removeSeed,
  type SeedTarget,
  storeTarget,
  withExperimentsInStore,
} from "./seed/targets.ts";
import { writeTraffic, type Written } from "./seed/write_traffic.ts";
import { startStack } from "./stack.ts";
import { ProcessFailedError } from "./supervised_process.ts";
import { FlagsError, runTask } from "./task.ts";

/** What has to run for the events to be written. */
const enginesOf: Record<TargetName, EngineName[]> = {
  clickhouse: ["clickhouse"],
  kafka: ["kafka"],
  store: [],
};

async function main(args: string[]): Promise<void> {
  const flags = readFlags(args);
  // Whoever starts it from elsewhere means the same files.
  Deno.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const environment = readEnvironment({ data: flags.data });
  const output = standardOutput();
  try {
    if (flags.type === "remove") await remove(environment, output);
    else await make(flags, environment, output);
  } finally {
    output.close();
  }
}

async function make(
  flags: Extract<SeedFlags, { type: "make" }>,
  environment: Record<string, string>,
  output: Output,
): Promise<void> {
  const settings = readStackSettings(environment);
  await withEngines(enginesOf[flags.to], environment, output, async (isRunning) => {
    const target = await openTarget(flags.to, settings, environment);
    try {
      const found = flags.force ? null : await target.whatIsThere();
      if (found !== null) {
        throw new FlagsError(
          `Cannot make up traffic: there are ${found} already. Take made-up ones out with --remove, ` +
            "name another folder with --data, or mix them with --force",
        );
      }
      const beganAt = Date.now();
      const step = output.step("Traffic");
      step.says(`writing it to ${titles[flags.to]}`);
      const written = await writeTraffic(flags.traffic, target, (events) => {
        step.detail(`${events.toLocaleString("en")} events`);
      });
      step.done(`${written.events.toLocaleString("en")} events are in ${titles[flags.to]}`);
      output.line(`\n${whatWasDone(flags, written, Date.now() - beganAt)}`);
      output.line(whereToLook(flags.to, settings, isRunning));
    } finally {
      await target.close();
    }
  });
}

async function remove(environment: Record<string, string>, output: Output): Promise<void> {
  const settings = readStackSettings(environment);
  await withEngines(["clickhouse"], environment, output, async () => {
    const removed = await removeSeed(writingAddress(settings));
    output.line(`Took ${removed.toLocaleString("en")} made-up events out of ClickHouse`);
  });
}

const titles: Record<TargetName, string> = {
  clickhouse: "ClickHouse",
  kafka: "the topic of events",
  store: "the store",
};

/** Runs something with these engines: those of the Turnlog that has the data folder, where one has, else its own. */
async function withEngines(
  engines: EngineName[],
  environment: Record<string, string>,
  output: Output,
  run: (isRunning: boolean) => Promise<void>,
): Promise<void> {
  const stack = await startStack({ environment, engines, roles: [], output }).catch((error) => {
    if (error instanceof DataFolderInUseError) return null;
    throw error;
  });
  try {
    await run(stack === null);
  } finally {
    await stack?.stop();
  }
}

async function openTarget(
  to: TargetName,
  settings: StackSettings,
  environment: Record<string, string>,
): Promise<SeedTarget> {
  switch (to) {
    case "clickhouse":
      return withExperimentsInStore(
        clickHouseTarget(writingAddress(settings)),
        sqlitePath(settings),
      );
    case "kafka":
      return withExperimentsInStore(
        await kafkaTarget({
          brokers: engineAddresses([], settings).kafka.split(","),
          topicPrefix: readSetupSettings(environment).TURNLOG_TOPIC_PREFIX,
          storePath: sqlitePath(settings),
        }),
        sqlitePath(settings),
      );
    case "store":
      return storeTarget(sqlitePath(settings));
  }
}

function writingAddress(settings: StackSettings): string {
  return engineAddresses(withoutAddress(["clickhouse"], settings), settings).clickhouseForWriting;
}

function whatWasDone(
  { traffic }: Extract<SeedFlags, { type: "make" }>,
  { events, people, conversations, turns, fromTime, untilTime }: Written,
  tookMs: number,
): string {
  const number = (value: number) => value.toLocaleString("en");
  const lines = [
    `Made up ${number(events)} events in ${formatDuration(tookMs)}: ${number(people)} people, ` +
    `${number(conversations)} conversations, ${number(turns)} turns, from ${
      fromTime.slice(0, 10)
    } to ` +
    `${untilTime.slice(0, 10)}`,
  ];
  const { experiment } = traffic;
  if (experiment !== null) {
    const effects = experiment.variants.map(({ name, thumbsUpRate, answerLength }) =>
      `${name} has ${
        (thumbsUpRate * 100).toFixed(0)
      } % thumbs-up and answers of ${answerLength} × the usual length`
    );
    lines.push(`Among them ran the experiment ${experiment.name}: ${effects.join(", ")}`);
  }
  return lines.join("\n");
}

function whereToLook(to: TargetName, settings: StackSettings, isRunning: boolean): string {
  const url = `${appAddress(settings)}/analytics`;
  const see = isRunning ? `See them at ${url}` : `See them at ${url} after deno task start`;
  const notes: Record<TargetName, string> = {
    clickhouse:
      "They are in ClickHouse alone, but for how the experiment stands, which is in the store; " +
      "deno task seed --remove takes them out of ClickHouse again",
    kafka:
      "They come to ClickHouse with the next moments of ingestion, and stay in Kafka for a month",
    store: "They come to ClickHouse by way of Kafka, and stay in the store; " +
      "their turns have no runs in Temporal, so that none can be retried",
  };
  return `${see}\n${notes[to]}`;
}

/** Why the engines cannot be started. */
const expected = [DataFolderError, PortsTakenError, ProcessFailedError, ToolsMissingError];

if (import.meta.main) await runTask({ usage, run: main, expected });
