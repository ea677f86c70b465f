/** The settings of the embedded Kafka broker, measured with a heap of 160 MB. */

/** @param controllerPort May change from start to start: only the broker itself connects there. */
export function brokerProperties(
  { dataFolder, port, controllerPort }: {
    dataFolder: string;
    port: number;
    controllerPort: number;
  },
): string {
  return `# Written by Turnlog at each start: what is changed here is lost.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=${dataFolder}
num.network.threads=2
num.io.threads=2

# One broker: nothing can be replicated.
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# A name that is spelled wrong must be an error, not a new topic.
auto.create.topics.enable=false
# A consumer that comes gets its partitions at once; there is no crowd to wait for.
group.initial.rebalance.delay.ms=0

log.retention.hours=168
log.segment.bytes=67108864
# The default of 128 MB would not fit into the heap.
log.cleaner.dedupe.buffer.size=8388608

# After a kill the broker is let in again when its old session has lapsed: 4 s so, 12 s with the defaults.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
`;
}

/** Warnings and errors only, one line each, to standard output. */
export const loggingProperties = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %level %logger{1}: %message%n%throwable{short}
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
# It warns at each start that it becomes active.
logger.controller.name = org.apache.kafka.controller.QuorumController
logger.controller.level = error
`;
