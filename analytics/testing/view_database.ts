/** A database with the views and some events in it, for tests that count by hand what the views must tell. */
import { backtestTurnId, backtestUserKey } from "../../events/contract/backtest.ts";
import {
  type ConversationEvent,
  isConversationEvent,
  type TurnlogEvent,
} from "../../events/contract/event.ts";
import { stepEventId } from "../../events/event_id.ts";
import { readEventRows } from "../ingest/event_row.ts";
import { migrate } from "../migrate.ts";
import { refreshRollup } from "../rollup.ts";
import { createTemporaryDatabase, type TemporaryDatabase } from "./temporary_database.ts";

/** The parameters that the API gives a view; times as ISO 8601. */
export interface ViewParameters {
  from: string;
  to: string;
  bucket?: number;
  model?: string;
  experiment?: string;
  variant?: string;
}

export interface ViewDatabase extends TemporaryDatabase {
  /** @returns The rows of a view, as the API reads them. */
  view(name: string, parameters: ViewParameters): Promise<Record<string, unknown>[]>;
  /** Inserts events, as ingestion does. */
  insert(events: readonly TurnlogEvent[]): Promise<void>;
}

/**
 * @param events Each of them is there twice, as after a crash, and once more as an event of a backtest: no view but the
 * comparison may tell it from one that is there once. Some hours of them came before the last refresh of the rollup, some
 * after it, and some in part: no view may tell those apart either.
 */
export async function createViewDatabase(events: readonly TurnlogEvent[]): Promise<ViewDatabase> {
  const database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  const insert = async (events: readonly TurnlogEvent[], columns: object = {}) => {
    const values = events.map((event) => ({ ...rowOf(event), ...columns }));
    await database.client.insert({ table: "events", values, format: "JSONEachRow" });
  };
  const late = events.filter(isLate);
  const early = events.filter((event) => !late.includes(event));
  await insert([...early, ...early.filter(isConversationEvent).map(rerun)], longAgo);
  await insert(early, longAgo);
  await refreshRollup(database.client);
  await insert([...late, ...late.filter(isConversationEvent).map(rerun)]);
  await insert(late);
  return {
    ...database,
    insert,
    async view(name, { from, to, bucket = 86_400, model = "", experiment = "", variant = "" }) {
      const [{ parameters }] = await database.rows<
        { parameters: { name: string; type: string }[] }
      >(
        "SELECT parameterized_view_parameters AS parameters FROM system.tables " +
          "WHERE database = currentDatabase() AND name = {name:String}",
        { name },
      );
      const bindings = parameters.map(({ name, type }) => `${name}={${name}:${type}}`);
      return await database.rows(`SELECT * FROM ${name}(${bindings})`, {
        from: new Date(from),
        to: new Date(to),
        bucket,
        model,
        experiment,
        variant,
        error_class: "",
      });
    },
  };
}

/** Half of the events of every second hour. */
function isLate({ time }: TurnlogEvent, index: number): boolean {
  return new Date(time).getUTCHours() % 2 === 0 && index % 2 === 0;
}

/** Before what a refresh takes for too new to be whole. */
const longAgo = { ingested_at: "2026-01-01 00:00:00.000" };

function rowOf(event: TurnlogEvent) {
  return readEventRows(new TextEncoder().encode(JSON.stringify(event))).event;
}

/** The same event as a backtest would state it, about a turn of its own. */
function rerun(event: ConversationEvent): ConversationEvent {
  const about = event.turnId ?? event.conversationId;
  const turnId = backtestTurnId("nightly", about);
  return {
    ...event,
    id: stepEventId(turnId, "run", event.id),
    userKey: backtestUserKey,
    conversationId: turnId,
    turnId,
    backtest: { id: "nightly", turnId: about },
  };
}
