/** The embedded Kafka: a broker of its own that is its own controller, with settings for one machine. */
import { accepts } from "../ports.ts";
import { outputOf, runCommand } from "../run_command.ts";
import type { ProcessDefinition } from "../supervised_process.ts";
import { type Engine, engineReadyMs, type Found, type Install } from "./engine.ts";
import { baseEnvironment, type EngineSources } from "./engine_sources.ts";
import { brokerProperties, loggingProperties } from "./kafka_properties.ts";
import { archiveAddress, isReachable, unpackArchive } from "./release_archive.ts";
import { isAtLeast, java, javaCommand, maven, versionIn } from "./tools.ts";

const scalaVersion = "2.13";
export const kafkaVersion = "4.3.1";
/** What the release itself logs with; the Maven artifact leaves the choice open. */
const log4jVersion = "2.25.3";

const archive = {
  url:
    `https://archive.apache.org/dist/kafka/${kafkaVersion}/kafka_${scalaVersion}-${kafkaVersion}.tgz`,
  sha256: "f118328b2d053497350d5befd82c08db7ffd710327ff52943dd5caaa1b25db21",
};

/** Kafka's jars, or the scripts of an installed Kafka. */
export type KafkaPlace =
  | { kind: "jars"; folder: string }
  | { kind: "scripts"; start: string; storage: string };

export function kafkaEngine(sources: EngineSources): Engine<KafkaPlace> {
  const folder = `kafka-${kafkaVersion}`;
  const place = (folder: string): KafkaPlace => ({ kind: "jars", folder: `${folder}/libs` });
  const artifact: Install<KafkaPlace> = {
    folder,
    version: kafkaVersion,
    doing: "collecting its Maven artifacts",
    usually: "10 seconds",
    needs: [maven],
    isReachable: () => Promise.resolve(true),
    fill: (folder, { signal, detail }) =>
      copyArtifacts(folder, sources, { signal, onLine: detail }),
    place,
  };
  return {
    title: "Kafka",
    addressVariable: "KAFKA_BROKERS",
    needs: [java(javaCommand(sources.environment))],
    findInstalled,
    installs: [...releaseArchive(sources, { folder, place }), artifact],
  };
}

export interface KafkaBrokerOptions {
  place: KafkaPlace;
  /** Where its data is kept. */
  dataFolder: string;
  /** Where its settings are written. */
  runFolder: string;
  port: number;
  controllerPort: number;
  environment: Record<string, string>;
}

/** Writes the broker's settings and, the first time, formats its data folder. */
export async function prepareKafka(
  options: KafkaBrokerOptions,
  signal: AbortSignal,
): Promise<void> {
  Deno.writeTextFileSync(propertiesFile(options), brokerProperties(options));
  Deno.writeTextFileSync(loggingFile(options), loggingProperties);
  if (isFormatted(options.dataFolder)) return;
  const format = storageTool(options, [
    ...["format", "--cluster-id", newClusterId(), "--config", propertiesFile(options)],
    // A format that was cut short is done again; without this it would be refused.
    "--ignore-formatted",
  ]);
  await runCommand({ ...format, signal });
}

export function kafkaBroker(options: KafkaBrokerOptions): ProcessDefinition {
  const { place, port } = options;
  const run = place.kind === "scripts"
    ? { command: place.start, args: [propertiesFile(options)] }
    : {
      command: javaCommand(options.environment),
      args: [
        ...[...heap, ...performance, loggingFlag(options)],
        ...["-cp", `${place.folder}/*`, "kafka.Kafka", propertiesFile(options)],
      ],
    };
  return {
    ...run,
    name: "kafka",
    environment: scriptEnvironment(options),
    // The broker listens to clients only when it has recovered its log and the controller knows it.
    checkReadiness: async () => await accepts("127.0.0.1", port) ? "ok" : "it does not listen yet",
    readyWithinMs: engineReadyMs,
  };
}

/** Enough for thousands of messages a second, and small beside what a broker takes by itself. */
const heap = ["-Xmx160m", "-Xms64m"];
const performance = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

function storageTool(options: KafkaBrokerOptions, args: string[]) {
  const environment = scriptEnvironment(options);
  if (options.place.kind === "scripts") {
    return { command: options.place.storage, args, environment };
  }
  const classPath = `${options.place.folder}/*`;
  return {
    command: javaCommand(options.environment),
    args: [loggingFlag(options), "-cp", classPath, "kafka.tools.StorageTool", ...args],
    environment,
  };
}

/** The variables are those of Kafka's own scripts; Java itself ignores them. */
function scriptEnvironment(options: KafkaBrokerOptions): Record<string, string> {
  return {
    ...baseEnvironment(options.environment),
    KAFKA_HEAP_OPTS: heap.join(" "),
    KAFKA_JVM_PERFORMANCE_OPTS: performance.join(" "),
    KAFKA_LOG4J_OPTS: loggingFlag(options),
    // A space, not nothing: else the scripts write a log of the garbage collector.
    KAFKA_GC_LOG_OPTS: " ",
    LOG_DIR: options.runFolder,
  };
}

function propertiesFile({ runFolder }: KafkaBrokerOptions): string {
  return `${runFolder}/kafka.properties`;
}

function loggingFile({ runFolder }: KafkaBrokerOptions): string {
  return `${runFolder}/kafka_log4j2.properties`;
}

function loggingFlag(options: KafkaBrokerOptions): string {
  return `-Dlog4j2.configurationFile=${loggingFile(options)}`;
}

function isFormatted(dataFolder: string): boolean {
  try {
    return Deno.statSync(`${dataFolder}/meta.properties`).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** 16 random bytes in the letters that Kafka takes, of which the first may not be a dash. */
function newClusterId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] &= 0x7f;
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

async function findInstalled(): Promise<Found<KafkaPlace> | null> {
  for (const end of [".sh", ""]) {
    const start = `kafka-server-start${end}`;
    const found = versionIn(await outputOf(start, ["--version"]), /^(\d+)\.(\d+)\.(\d+)/m);
    if (found === null || !isAtLeast(found, [4])) continue;
    return {
      place: { kind: "scripts", start, storage: `kafka-storage${end}` },
      description: `${found.join(".")} on PATH`,
    };
  }
  return null;
}

function releaseArchive(
  { releases }: EngineSources,
  { folder, place }: Pick<Install<KafkaPlace>, "folder" | "place">,
): Install<KafkaPlace>[] {
  const address = archiveAddress(archive, releases);
  if (address === null) return [];
  const members = [`kafka_${scalaVersion}-${kafkaVersion}/libs`];
  return [{
    folder,
    version: kafkaVersion,
    doing: "downloading its release",
    usually: "half a minute",
    needs: [],
    isReachable: () => isReachable(address),
    fill: (folder, progress) =>
      unpackArchive({ archive, address, folder, members, strip: 1, progress }),
    place,
  }];
}

async function copyArtifacts(
  folder: string,
  { environment }: EngineSources,
  { signal, onLine }: { signal: AbortSignal; onLine: (line: string) => void },
): Promise<void> {
  const pom = `${folder}/pom.xml`;
  Deno.writeTextFileSync(pom, projectFile);
  await runCommand({
    command: "mvn",
    args: [
      ...["-q", "-B", "-f", pom, "dependency:copy-dependencies"],
      ...["-DincludeScope=runtime", `-DoutputDirectory=${folder}/libs`],
    ],
    // All of the environment: Maven reads its settings and its proxy from there.
    environment,
    signal,
    onLine,
  });
}

const projectFile = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>turnlog</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
${
  [
    ["org.apache.kafka", `kafka_${scalaVersion}`, kafkaVersion],
    ["org.apache.logging.log4j", "log4j-slf4j-impl", log4jVersion],
    ["org.apache.logging.log4j", "log4j-core", log4jVersion],
  ].map(([group, artifact, version]) =>
    `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>` +
    `<version>${version}</version></dependency>`
  ).join("\n")
}
  </dependencies>
</project>
`;
