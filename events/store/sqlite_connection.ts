/** A SQLite file as the store's statements use it: prepared once, and in transactions that share their wait for the disk. */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { setImmediate } from "node:timers";
import { migrate } from "./sqlite_schema.ts";

/** Either values in their order or one object of named values. */
export type Bindings = SQLInputValue[] | [Record<string, SQLInputValue>];

/** Runs a statement. @returns Its rows. */
export type AllRows = <Row>(sql: string, ...parameters: Bindings) => Row[];

/** A transaction that waits for its turn. */
interface Write {
  run(): unknown;
  done: PromiseWithResolvers<unknown>;
}

export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  #waiting: Write[] = [];

  /**
   * Opens or creates the file, with the tables of the store.
   *
   * @throws Error where the file is no database, cannot be written, or was written by a newer Turnlog.
   */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA busy_timeout = 5000;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
    `);
    migrate(this.#database);
  }

  /** Can be handed on by itself. */
  readonly all: AllRows = <Row>(sql: string, ...parameters: Bindings) =>
    this.#prepare(sql).all(...parameters as SQLInputValue[]) as Row[];

  get<Row>(sql: string, ...parameters: Bindings): Row | undefined {
    return this.#prepare(sql).get(...parameters as SQLInputValue[]) as Row | undefined;
  }

  /** @returns How many rows changed. */
  run(sql: string, ...parameters: Bindings): number {
    return Number(this.#prepare(sql).run(...parameters as SQLInputValue[]).changes);
  }

  /**
   * Runs all of it or nothing. Whatever is written at the same moment is committed together: a commit waits for the disk,
   * and this process with it, so the slower the disk is, the more share one.
   *
   * @param run Sees what others have written, and nothing can be written beside it.
   * @returns What it returned, as soon as that outlives the machine's power.
   */
  transaction<Result>(run: () => Result): Promise<Result> {
    if (!this.#database.isOpen) return Promise.reject(new Error("The store is closed"));
    const done = Promise.withResolvers<unknown>();
    this.#waiting.push({ run, done });
    // Once all that has come by now has been heard.
    if (this.#waiting.length === 1) setImmediate(() => this.#commitWaiting());
    return done.promise as Promise<Result>;
  }

  close(): void {
    this.#commitWaiting();
    if (this.#database.isOpen) this.#database.close();
  }

  #commitWaiting(): void {
    const writes = this.#waiting;
    if (writes.length === 0) return;
    this.#waiting = [];
    try {
      // IMMEDIATE: the lock is taken before anything is read, so that a decision cannot be based on an older state.
      this.#database.exec("BEGIN IMMEDIATE");
      const settlements = writes.map((write) => this.#runApart(write));
      this.#database.exec("COMMIT");
      settlements.forEach((settle) => settle());
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      writes.forEach(({ done }) => done.reject(error));
    }
  }

  /** One that fails takes back what it has written, and nothing of the others. @returns To be called after the commit. */
  #runApart({ run, done }: Write): () => void {
    this.#database.exec("SAVEPOINT write");
    try {
      const result = run();
      this.#database.exec("RELEASE write");
      return () => done.resolve(result);
    } catch (error) {
      // A full disk makes SQLite roll back all of it by itself.
      if (!this.#database.isTransaction) throw error;
      this.#database.exec("ROLLBACK TO write; RELEASE write");
      return () => done.reject(error);
    }
  }

  #prepare(sql: string): ReturnType<DatabaseSync["prepare"]> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
