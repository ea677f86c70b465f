/** The AsyncAPI document of Turnlog's topics in Kafka, for those who read them themselves. */
import { eventExamples } from "../../events/contract/event_examples.ts";
import { version } from "../../events/contract/version.ts";
import { topicNames, topicSettings } from "../../events/kafka/topics.ts";
import { type EventSchema, eventTypesOf } from "./event_schema.ts";
import { type Definitions, definitionsOf, definitionsPath, type Schema } from "./json_schema.ts";

/** The files whose types are on the topics beside events. */
const messageFiles = "events/kafka/*_message.ts";
const schemasPath = "#/components/schemas/";

type Topic = keyof typeof topicSettings;

interface Channel {
  topic: Topic;
  summary: string;
  description: string;
  /** By their names in `components.messages`. */
  messages: Record<string, unknown>;
}

export function asyncApiOf(events: EventSchema) {
  const messages = definitionsOf(messageFiles, [
    "TurnParts",
    "ControlMessage",
    "DeadLetterHeaders",
  ]);
  const channels = channelsOf(events, messages);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Turnlog's topics",
      version,
      description: "What Turnlog writes to Kafka. TURNLOG_TOPIC_PREFIX stands before the name of " +
        "each topic. Readers pass over types of messages and fields that they do not know: they are " +
        "added without notice. Where x-extensible-enum tells values, others may come.",
      license: { name: "Apache-2.0" },
    },
    defaultContentType: "application/json",
    channels: Object.fromEntries(
      channels.map((channel) => [channel.topic, channelObject(channel)]),
    ),
    operations: Object.fromEntries(channels.map(({ topic, summary }) => [
      `write-${topic}`,
      { action: "send", channel: { $ref: `#/channels/${topic}` }, summary },
    ])),
    components: {
      messages: Object.assign({}, ...channels.map(({ messages }) => messages)),
      schemas: inComponents({ ...events.$defs, ...messages }),
    },
  };
}

function channelsOf(events: EventSchema, messages: Definitions): Channel[] {
  return [
    {
      topic: "events",
      summary: "Every event, exactly as it was stored",
      description: "Keyed by conversation, or by the part of the system that an event is about: " +
        "events of one key are in the order of the log. One may come twice, with the same id.",
      messages: Object.fromEntries(
        eventTypesOf(events).map((type) => [type, eventMessage(type, events.$defs[type])]),
      ),
    },
    {
      topic: "deltas",
      summary: "Answers while they are being written",
      description:
        "A message holds stream parts of one or several turns; all parts of a turn are " +
        "in one partition, in order, each with its place, `attempt.sequence`.",
      messages: { "turn-parts": messageOf("TurnParts", messages) },
    },
    {
      topic: "control",
      summary: "Commands to all of Turnlog's processes at once",
      description: "Beside the durable way through Temporal. To be watched, not written.",
      messages: { "control-message": messageOf("ControlMessage", messages) },
    },
    {
      topic: "deadLetters",
      summary: "Messages that ingestion could not read, as they came",
      description: "Value and key are those of the message, the headers say where it was and why " +
        "it is here. One may come twice, with the same place.",
      messages: {
        "dead-letter": {
          name: "dead-letter",
          title: "A message that could not become a row",
          contentType: "application/octet-stream",
          headers: { $ref: `${schemasPath}DeadLetterHeaders` },
        },
      },
    },
  ];
}

function channelObject({ topic, summary, description, messages }: Channel) {
  const { partitions, settings } = topicSettings[topic];
  const retentionMs = Number(settings["retention.ms"]);
  return {
    address: topicNames("")[topic],
    summary,
    description,
    messages: Object.fromEntries(
      Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
    bindings: {
      kafka: {
        partitions,
        topicConfiguration: { "retention.ms": retentionMs },
        bindingVersion: "0.5.0",
      },
    },
  };
}

function eventMessage(type: string, { description }: Schema) {
  return {
    name: type,
    title: type,
    ...(description && { summary: description }),
    contentType: "application/cloudevents+json",
    payload: { $ref: schemasPath + type },
    examples: eventExamples.filter((event) => event.type === type)
      .map((event) => ({ payload: event })),
    bindings: { kafka: { key: { type: "string" }, bindingVersion: "0.5.0" } },
  };
}

function messageOf(type: string, definitions: Definitions) {
  const { description } = definitions[type];
  return {
    name: type,
    title: type,
    ...(description && { summary: description }),
    payload: { $ref: schemasPath + type },
  };
}

/** AsyncAPI keeps all schemas under one roof of its own, and knows the words of draft-07. */
function inComponents(definitions: Definitions): Definitions {
  return JSON.parse(JSON.stringify(definitions), (key, value) => {
    if (key === "$ref") return value.replace(definitionsPath, schemasPath);
    if (!Array.isArray(value?.prefixItems)) return value;
    const { prefixItems: items, ...tuple } = value;
    return { ...tuple, items };
  });
}
