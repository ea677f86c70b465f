/** What `docker-compose.yml` says: that Compose takes it, and that its names, ports and settings are the code's own. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import type { z } from "zod";
import { ingestSchema } from "../analytics/config.ts";
import { apiSchema } from "../api/config.ts";
import { readSettings } from "../events/read_settings.ts";
import { readStackSettings, setupSchema } from "../scripts/config.ts";
import { serverVersion } from "../scripts/engines/clickhouse.ts";
import { kafkaVersion } from "../scripts/engines/kafka.ts";
import { brokerProperties } from "../scripts/engines/kafka_properties.ts";
import { workerSchema } from "../workflows/config.ts";
import {
  type ComposeProject,
  type ComposeService,
  needsComposeTools,
  readComposeFile,
} from "./support/compose_tools.ts";
import { environmentOf, readDockerfile, valuesOf } from "./support/dockerfile.ts";

const file = "docker-compose.yml";
const text = Deno.readTextFileSync(file);
const passwords = {
  CLICKHOUSE_PASSWORD: "writing",
  CLICKHOUSE_READER_PASSWORD: "reading",
  TEMPORAL_POSTGRES_PASSWORD: "temporal's",
};
const image = readDockerfile(Deno.readTextFileSync("deploy/Dockerfile")).at(-1)!;

/** Turnlog's own services, each with the settings that its process knows. */
const schemas: Record<string, z.ZodObject> = {
  api: apiSchema,
  worker: workerSchema,
  ingest: ingestSchema,
  setup: setupSchema,
};

const options = await needsComposeTools();

function test(name: string, run: (project: ComposeProject) => void | Promise<void>): void {
  Deno.test(name, options, async () => await run(await readComposeFile(file, passwords)));
}

test("Compose takes the file, but not without a password", async () => {
  for (const name of Object.keys(passwords)) {
    const message = new RegExp(`required variable ${name} is missing a value: .*deploy/README.md`);
    await assert.rejects(() => readComposeFile(file, { ...passwords, [name]: "" }), message);
  }
});

test("each process gets settings that it knows, with values that it takes", ({ services }) => {
  const inImage = environmentOf(image);
  const read = new Set(Object.values(schemas).flatMap((schema) => Object.keys(schema.shape)));
  assert.deepEqual(Object.keys(inImage).filter((name) => !read.has(name)), []);
  for (const [name, schema] of Object.entries(schemas)) {
    const given = services[name].environment!;
    const known = [...Object.keys(schema.shape), ...(hasModels(name) ? modelVariables() : [])];
    const unknown = Object.keys(given).filter((variable) => !known.includes(variable));
    assert.deepEqual(unknown, [], `${name} does not know these`);
    readSettings(schema, { ...inImage, ...given });
  }
});

test("whoever deals with models gets each variable that turnlog.yaml names", ({ services }) => {
  assert.ok(modelVariables().length > 0);
  for (const name of Object.keys(schemas).filter(hasModels)) {
    const given = services[name].environment!;
    assert.deepEqual(modelVariables().filter((variable) => !(variable in given)), [], name);
  }
});

test("this host alone reaches what is published, where a start without Docker has it", async ({ services }) => {
  const moved = {
    TURNLOG_PORT: "9001",
    TURNLOG_TEMPORAL_PORT: "9002",
    TURNLOG_TEMPORAL_UI_PORT: "9003",
    TURNLOG_KAFKA_PORT: "9004",
    TURNLOG_CLICKHOUSE_PORT: "9005",
  };
  for (
    const [project, environment] of [
      [{ services }, {}],
      [await readComposeFile(file, { ...passwords, ...moved }), moved],
    ] as const
  ) {
    const settings = readStackSettings(environment);
    const listed = Object.entries(project.services).flatMap(([name, { ports = [] }]) =>
      ports.map(({ host_ip, published }) => [name, `${host_ip}:${published}`])
    );
    assert.deepEqual(Object.fromEntries(listed), {
      api: `127.0.0.1:${settings.TURNLOG_PORT}`,
      temporal: `127.0.0.1:${settings.TURNLOG_TEMPORAL_PORT}`,
      "temporal-ui": `127.0.0.1:${settings.TURNLOG_TEMPORAL_UI_PORT}`,
      kafka: `127.0.0.1:${settings.TURNLOG_KAFKA_PORT}`,
      clickhouse: `127.0.0.1:${settings.TURNLOG_CLICKHOUSE_PORT}`,
    });
    const { KAFKA_ADVERTISED_LISTENERS } = project.services.kafka.environment!;
    const { HOST } = listeners(KAFKA_ADVERTISED_LISTENERS);
    assert.equal(HOST, `127.0.0.1:${settings.TURNLOG_KAFKA_PORT}`);
  }
});

test("the api listens where the image and the published port have it", ({ services }) => {
  const inside = String(services.api.ports![0].target);
  const { TURNLOG_PORT, TURNLOG_HEALTH_PORT, TURNLOG_HOST, TURNLOG_HEALTH_HOST } = environmentOf(
    image,
  );
  assert.deepEqual([TURNLOG_PORT, TURNLOG_HEALTH_PORT], [inside, inside]);
  assert.deepEqual([TURNLOG_HOST, TURNLOG_HEALTH_HOST], ["0.0.0.0", "0.0.0.0"]);
  assert.deepEqual(valuesOf(image, "EXPOSE"), [inside]);
  assert.match(valuesOf(image, "HEALTHCHECK")[0], new RegExp(`127\\.0\\.0\\.1:${inside}/readyz`));
});

test("services call one another where they listen", ({ services }) => {
  const kafka = services.kafka.environment!;
  const inside = listeners(kafka.KAFKA_LISTENERS);
  const advertised = listeners(kafka.KAFKA_ADVERTISED_LISTENERS).PLAINTEXT;
  assert.equal(`kafka${inside.PLAINTEXT}`, advertised);
  assert.equal(inside.HOST, `:${services.kafka.ports![0].target}`);
  assert.equal(kafka.KAFKA_CONTROLLER_QUORUM_VOTERS, `1@kafka${inside.CONTROLLER}`);
  const expected: Record<string, string> = {
    KAFKA_BROKERS: advertised,
    TEMPORAL_ADDRESS: `temporal:${services.temporal.ports![0].target}`,
    CLICKHOUSE_URL: `clickhouse:${services.clickhouse.ports![0].target}`,
  };
  const addresses = Object.values(services).flatMap(({ environment = {} }) =>
    Object.keys(expected).filter((name) => name in environment).map((name) => ({
      name,
      address: environment[name].replace(/^http:\/\/.*@/, ""),
    }))
  );
  assert.ok(addresses.length >= 10);
  for (const { name, address } of addresses) assert.equal(address, expected[name], name);
  const { TEMPORAL_UI_PORT } = services["temporal-ui"].environment!;
  assert.equal(TEMPORAL_UI_PORT, String(services["temporal-ui"].ports![0].target));
  const { DB_PORT, POSTGRES_SEEDS, POSTGRES_USER } = services.temporal.environment!;
  const schema = services["temporal-schema"].environment!;
  assert.deepEqual([schema.SQL_HOST, schema.SQL_PORT], [POSTGRES_SEEDS, DB_PORT]);
  const { postgres } = services;
  assert.deepEqual([schema.SQL_USER, postgres.environment!.POSTGRES_USER], [
    POSTGRES_USER,
    POSTGRES_USER,
  ]);
});

test("who reads and who writes ClickHouse is a user there, with the same password", ({ services }) => {
  const users = Deno.readTextFileSync("deploy/clickhouse/users.xml");
  const expected = { api: "reader", ingest: "turnlog", setup: "turnlog" };
  for (const [name, user] of Object.entries(expected)) {
    const url = new URL(services[name].environment!.CLICKHOUSE_URL);
    assert.equal(url.username, user);
    const variable = new RegExp(`<${user}>\\s*<password from_env="(\\w+)"`).exec(users)?.[1];
    assert.equal(services.clickhouse.environment![variable!], url.password);
  }
});

test("Kafka has the settings of the embedded broker", ({ services }) => {
  const embedded = propertiesOf(
    brokerProperties({ dataFolder: "/data", port: 9092, controllerPort: 9093 }),
  );
  const environment = Object.entries(services.kafka.environment!)
    .filter(([name]) => !["CLUSTER_ID", "KAFKA_HEAP_OPTS"].includes(name))
    .map(([name, value]) => [name.replace("KAFKA_", "").toLowerCase().replaceAll("_", "."), value]);
  const here = Object.fromEntries(environment);
  // Where it is, and a listener more.
  const places = [
    ...["advertised.listeners", "listeners", "listener.security.protocol.map"],
    ...["controller.quorum.voters", "log.dirs"],
  ];
  assert.deepEqual(Object.keys(here).sort(), Object.keys(embedded).sort());
  for (const place of places) {
    delete here[place];
    delete embedded[place];
  }
  assert.deepEqual(here, embedded);
});

test("versions are those that a start without Docker has", ({ services }) => {
  assert.equal(services.kafka.image, `apache/kafka:${kafkaVersion}`);
  assert.equal(services.clickhouse.image, `clickhouse/clickhouse-server:${serverVersion}`);
  const [, temporal] = services.temporal.image.split(":");
  assert.equal(services["temporal-schema"].image, `temporalio/admin-tools:${temporal}`);
  const gate = /deno@([\d.]+)/.exec(Deno.readTextFileSync(".ci/run"))?.[1];
  assert.match(
    Deno.readTextFileSync("deploy/Dockerfile"),
    new RegExp(`^ARG DENO_VERSION=${gate}$`, "m"),
  );
  for (const [name, { image }] of Object.entries(services)) {
    assert.match(image, /^turnlog:local$|:v?\d+(\.\d+)+$/, `${name} must name a version`);
  }
});

test("what is mounted is there, cannot be written from inside, or is a volume", ({ services }) => {
  const mounts = Object.values(services).flatMap(({ volumes = [] }) => volumes);
  assert.ok(mounts.some(({ type }) => type === "bind"));
  for (const { type, source, read_only } of mounts) {
    if (type === "volume") continue;
    assert.ok(Deno.statSync(source));
    assert.ok(read_only, `${source} can be written`);
  }
  const { DYNAMIC_CONFIG_FILE_PATH } = services.temporal.environment!;
  for (
    const [name, path] of [
      ["temporal", DYNAMIC_CONFIG_FILE_PATH],
      ["temporal-schema", "/etc/temporal/turnlog/create_schema.sh"],
    ]
  ) assert.ok(Deno.statSync(onHost(services[name], path)).isFile);
});

Deno.test("the file holds no secret, and .env.example each of its variables", options, async () => {
  const variables = [...new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name))];
  const example = Deno.readTextFileSync(".env.example");
  assert.deepEqual(variables.filter((name) => !example.includes(`\n#${name}=`)), []);
  const secrets = variables.filter((name) => isSecret(name));
  const given = Object.fromEntries(secrets.map((name) => [name, `given-${name}`]));
  const { services } = await readComposeFile(file, given);
  const values = Object.values(services).flatMap(({ environment = {} }) =>
    Object.entries(environment).flatMap(([name, value]) => {
      const password = /^http:\/\/.*:(.*)@/.exec(value)?.[1];
      return isSecret(name) ? [value] : password === undefined ? [] : [password];
    })
  );
  assert.ok(values.length >= secrets.length);
  for (const value of values) assert.ok(value.startsWith("given-"), "a secret is in the file");
});

function isSecret(variable: string): boolean {
  return /(PASSWORD|PWD|KEY|TOKEN|SECRET)$/.test(variable);
}

function hasModels(service: string): boolean {
  return ["api", "worker"].includes(service);
}

/** @returns The variables that the models' configuration names. */
function modelVariables(): string[] {
  const { providers } = parse(Deno.readTextFileSync("deploy/turnlog.yaml"));
  const named = JSON.stringify(providers).matchAll(/\$\{(\w+)\}|env:(\w+)/g);
  return [...named].map(([, replaced, key]) => replaced ?? key);
}

/** @returns Name → host and port, the host empty where it is every address. */
function listeners(value: string): Record<string, string> {
  return Object.fromEntries(value.split(",").map((one) => one.split("://")));
}

function propertiesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([a-z.]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
}

/** @returns The path on this host of a file that a container sees through a mount. */
function onHost({ volumes = [] }: ComposeService, path: string): string {
  const mount = volumes.find(({ target }) => path.startsWith(`${target}/`));
  return `${mount?.source}${path.slice(mount?.target.length)}`;
}
