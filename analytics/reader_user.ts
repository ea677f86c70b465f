/**
 * The user of a ClickHouse server who may only read, within limits: with him the api asks for charts and runs what
 * analysts write. `deno task setup` makes him where its own rights allow it; the embedded server has one by itself.
 */
import { type ClickHouseClient, connectClickHouse, rowsOf } from "./clickhouse.ts";
import { quoteIdentifier, quoteString } from "./quote.ts";
import { readerLimits } from "./reader_limits.ts";

/** The names of his profile of settings and of his quota. */
const profile = "turnlog_reader";
/** Seconds of work in an hour, over all his queries: two queries at a time, without a pause. */
const hourlySecondsMax = 7200;

export interface ReaderOptions {
  /** With a user who may create users. */
  url: string;
  /** With the name and the password of the reader. */
  readerUrl: string;
}

/**
 * Makes the user, unless he can be logged in with already.
 *
 * @returns Whether he was made now.
 * @throws Error that says what an administrator can do, where this user may not.
 */
export async function setUpReader({ url, readerUrl }: ReaderOptions): Promise<boolean> {
  if (await canLogIn(readerUrl)) return false;
  const { username, password } = new URL(readerUrl);
  const user = decodeURIComponent(username);
  if (user === "") {
    throw new Error(
      "Cannot make a reader in ClickHouse: CLICKHOUSE_READER_URL has no user. " +
        "Write it as http://reader:password@host:8123",
    );
  }
  const clickHouse = connectClickHouse(url);
  try {
    const database = await currentDatabase(clickHouse);
    const statements = (secret: string) => readerStatements({ user, password: secret, database });
    for (const query of statements(decodeURIComponent(password))) {
      try {
        await clickHouse.command({ query });
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : cause;
        const script = statements("…").map((statement) => `  ${statement};`).join("\n");
        throw new Error(
          `Cannot make the user ${user} in ClickHouse: ${reason}\nLet an administrator run:\n${script}`,
          { cause },
        );
      }
    }
  } finally {
    await clickHouse.close();
  }
  return true;
}

/** @returns What makes the user, each of which does no harm when it is run again. */
export function readerStatements(
  { user, password, database }: { user: string; password: string; database: string },
): string[] {
  const name = quoteIdentifier(user);
  const limits = Object.entries(readerLimits)
    .map(([setting, max]) => `${setting} = ${max} MIN 1 MAX ${max}`);
  return [
    // 2: he may set what does not write, within these limits.
    `CREATE SETTINGS PROFILE IF NOT EXISTS ${profile} SETTINGS readonly = 2, ${limits.join(", ")}`,
    `CREATE USER IF NOT EXISTS ${name} IDENTIFIED WITH sha256_password BY ${
      quoteString(password)
    } SETTINGS PROFILE ${quoteString(profile)}`,
    // A grant on the tables, not only a setting: files, addresses and other servers are out of reach.
    `GRANT SELECT, SHOW ON ${quoteIdentifier(database)}.* TO ${name}`,
    `CREATE QUOTA IF NOT EXISTS ${profile} KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = ${hourlySecondsMax} TO ${name}`,
  ];
}

async function canLogIn(url: string): Promise<boolean> {
  const clickHouse = connectClickHouse(url);
  try {
    return (await clickHouse.ping({ select: true })).success;
  } finally {
    await clickHouse.close();
  }
}

async function currentDatabase(clickHouse: ClickHouseClient): Promise<string> {
  const [{ name }] = await rowsOf<{ name: string }>(
    clickHouse,
    "SELECT currentDatabase() AS name",
  );
  return name;
}
