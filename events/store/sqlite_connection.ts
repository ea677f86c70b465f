/** A SQLite file as the store's statements use it: prepared once, and in transactions that see no older state. */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { migrate } from "./sqlite_schema.ts";

/** Either values in their order or one object of named values. */
export type Bindings = SQLInputValue[] | [Record<string, SQLInputValue>];

/** Runs a statement. @returns Its rows. */
export type AllRows = <Row>(sql: string, ...parameters: Bindings) => Row[];

export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();

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

  /** IMMEDIATE: the lock is taken before anything is read, so that a decision cannot be based on an older state. */
  transaction<Result>(run: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = run();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
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
