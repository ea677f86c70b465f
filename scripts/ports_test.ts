import assert from "node:assert/strict";
import { accepts, checkPorts, freePorts, freePortVariables, PortsTakenError } from "./ports.ts";

const host = "127.0.0.1";

Deno.test("a taken port is told with its purpose and both ways out", () => {
  const listener = Deno.listen({ hostname: host, port: 0 });
  const { port } = listener.addr;
  try {
    assert.throws(
      () =>
        checkPorts([{
          host,
          port,
          purpose: "Kafka",
          variable: "TURNLOG_KAFKA_PORT",
          addressVariable: "KAFKA_BROKERS",
        }]),
      (error: Error) => {
        assert.ok(error instanceof PortsTakenError);
        for (const part of [String(port), "Kafka", "TURNLOG_KAFKA_PORT", "KAFKA_BROKERS"]) {
          assert.ok(error.message.includes(part), error.message);
        }
        return true;
      },
    );
  } finally {
    listener.close();
  }
});

Deno.test("a host that is not this machine is told by its own variable", () => {
  const wanted = { port: freePorts(1)[0], purpose: "the app", variable: "TURNLOG_PORT" };
  for (const host of ["nohost.invalid", "192.0.2.1"]) {
    assert.throws(
      () => checkPorts([{ ...wanted, host, hostVariable: "TURNLOG_HOST" }]),
      (error: Error) => {
        assert.match(error.message, /no address of this machine: .*Set TURNLOG_HOST/);
        assert.doesNotMatch(error.message, /TURNLOG_PORT/);
        return true;
      },
    );
  }
});

Deno.test("all ports that cannot be used are told at once", () => {
  const listeners = [0, 0].map((port) => Deno.listen({ hostname: host, port }));
  const [first, second] = listeners.map(({ addr }) => addr.port);
  try {
    assert.throws(
      () =>
        checkPorts([
          { host, port: first, purpose: "the app", variable: "TURNLOG_PORT" },
          { host, port: second, purpose: "ClickHouse", variable: "TURNLOG_CLICKHOUSE_PORT" },
        ]),
      (error: Error) =>
        error.message.includes("TURNLOG_PORT") && error.message.includes("TURNLOG_CLICKHOUSE_PORT"),
    );
  } finally {
    listeners.forEach((listener) => listener.close());
  }
});

Deno.test("one port for two purposes is refused", () => {
  const [port] = freePorts(1);
  assert.throws(
    () =>
      checkPorts([
        { host, port, purpose: "the app", variable: "TURNLOG_PORT" },
        { host, port, purpose: "Kafka", variable: "TURNLOG_KAFKA_PORT" },
      ]),
    /wanted twice.*TURNLOG_PORT.*TURNLOG_KAFKA_PORT/,
  );
});

Deno.test("a checked port is still free afterwards", async () => {
  const [port] = freePorts(1);
  checkPorts([{ host, port, purpose: "the app", variable: "TURNLOG_PORT" }]);
  assert.equal(await accepts(host, port), false);
  const listener = Deno.listen({ hostname: host, port });
  assert.equal(await accepts(host, port), true);
  listener.close();
});

Deno.test("free ports differ from each other", () => {
  const ports = Object.values(freePortVariables());
  assert.equal(new Set(ports).size, ports.length);
});
