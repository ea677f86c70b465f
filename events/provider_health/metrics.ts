/** What a process knows of the providers, for Prometheus. */
import { Counter, Gauge } from "prom-client";
import type { SystemEventOf } from "../contract/event.ts";
import type { ProviderAdmission } from "./provider_admission.ts";
import type { ProviderHealth } from "./provider_health.ts";

const coolDowns = new Counter({
  name: "turnlog_provider_cool_downs_total",
  help:
    "How often an endpoint was left alone after failures, whichever process found it, by the class of the last one.",
  labelNames: ["provider", "endpoint", "class"],
});

const startedMs = Date.now();

/** Counts a cool-down, if it is none that was stated before this process began. */
export function countCoolDown({ time, data }: SystemEventOf<"provider.cooled_down">): void {
  if (Date.parse(time) < startedMs) return;
  const { provider, endpoint, reason } = data;
  coolDowns.inc({ provider, endpoint, class: reason.class });
}

const stateNumbers = { "closed": 0, "half-open": 1, "open": 2 };

/** Registers gauges that are read when they are asked for. */
export function registerHealthMetrics(health: ProviderHealth, admission: ProviderAdmission): void {
  new Gauge({
    name: "turnlog_provider_endpoint_state",
    help:
      "0: the endpoint is called; 1: one call at a time tries whether it answers; 2: it cools down.",
    labelNames: ["provider", "endpoint"],
    collect() {
      this.reset();
      for (const endpoint of health.endpoints()) {
        this.set({ ...endpoint }, stateNumbers[health.stateOf(endpoint)]);
      }
    },
  });
  new Gauge({
    name: "turnlog_provider_in_flight_all_workers",
    help: "Calls under way at the endpoint, whichever worker makes them, as the events tell.",
    labelNames: ["provider", "endpoint"],
    collect() {
      this.reset();
      for (const endpoint of health.endpoints()) {
        this.set({ ...endpoint }, health.inFlight(endpoint));
      }
    },
  });
  new Gauge({
    name: "turnlog_provider_in_flight",
    help: "Calls that this process has under way.",
    labelNames: ["provider", "endpoint"],
    collect() {
      this.reset();
      for (const { inFlight, ...endpoint } of admission.places()) this.set(endpoint, inFlight);
    },
  });
  new Gauge({
    name: "turnlog_provider_queued",
    help: "Calls of this process that wait for a place at the provider.",
    labelNames: ["provider"],
    collect() {
      this.reset();
      for (const { queued, provider } of admission.queueLengths()) this.set({ provider }, queued);
    },
  });
}
