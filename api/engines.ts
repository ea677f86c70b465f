/** The engines that the api talks to, connected. */
import { Client } from "@temporalio/client";
import type { DataConverter } from "@temporalio/common";
import { NativeConnection } from "@temporalio/worker";
import { readinessOf } from "../events/health_server.ts";
import type { KafkaLog, KafkaProducer } from "../events/kafka/kafka_log.ts";
import { connectKafka } from "../events/kafka/kafkajs_log.ts";
import { dataConverterOf } from "../events/payload_codec.ts";
import type { ProviderHealth } from "../events/provider_health/provider_health.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { AnalyticsReader } from "./analytics_reader.ts";
import type { AppOptions } from "./app.ts";
import type { ApiConfig } from "./config.ts";
import { LiveHub } from "./live_hub.ts";

export interface Engines {
  store: EventStore;
  kafka: KafkaLog;
  producer: KafkaProducer;
  hub: LiveHub;
  health: ProviderHealth;
  connection: NativeConnection;
  namespace: string;
  /** Undefined where payloads are not encrypted. */
  dataConverter: DataConverter | undefined;
  client: Client;
  analytics: AnalyticsReader;
}

/** Connects to Kafka and Temporal, and begins to follow what is published. ClickHouse is asked when someone wants it. */
export async function connectEngines(
  config: ApiConfig,
  { store, health }: Pick<Engines, "store" | "health">,
): Promise<Engines> {
  const kafka = connectKafka({
    brokers: config.KAFKA_BROKERS,
    topicPrefix: config.TURNLOG_TOPIC_PREFIX,
    clientId: "turnlog-api",
  });
  const [hub, producer, connection] = await Promise.all([
    LiveHub.follow(kafka),
    kafka.producer(),
    NativeConnection.connect({ address: config.TEMPORAL_ADDRESS }),
    health.follow(kafka),
  ]);
  const namespace = config.TEMPORAL_NAMESPACE;
  const dataConverter = dataConverterOf(config.TURNLOG_PAYLOAD_KEYS);
  return {
    store,
    kafka,
    producer,
    hub,
    health,
    connection,
    namespace,
    dataConverter,
    client: new Client({ connection, namespace, dataConverter }),
    analytics: new AnalyticsReader(config.CLICKHOUSE_URL),
  };
}

/** @returns What tells how each engine is. */
export function readinessCheck(
  { store, kafka, connection, analytics }: Engines,
): AppOptions["checkReadiness"] {
  return async () => ({
    needed: {
      temporal: await readinessOf(() => connection.ensureConnected()),
      kafka: await readinessOf(() => kafka.ping()),
      store: await readinessOf(() => store.eventsAfter(0, 1)),
    },
    optional: { clickhouse: await readinessOf(() => analytics.ping()) },
  });
}

export async function closeEngines(
  { store, kafka, hub, health, connection, analytics }: Engines,
): Promise<void> {
  await hub.close();
  await health.close();
  await kafka.close();
  await connection.close();
  await analytics.close();
  await store.close();
}
