import assert from "node:assert/strict";
import { rowsOf } from "./clickhouse.ts";
import { clientOf, startTemporaryServer } from "./embedded/temporary_server.ts";
import { readerStatements, setUpReader } from "./reader_user.ts";

Deno.test("what makes a reader is understood by ClickHouse's parser as it is meant", async () => {
  await using server = await startTemporaryServer();
  await using client = clientOf(server.url);
  const understood: string[] = [];
  // The embedded server has no place to keep users in, so that it can parse these, and not run them.
  for (
    const sql of readerStatements({ user: "the reader", password: "it's", database: "default" })
  ) {
    const [{ text }] = await rowsOf<{ text: string }>(
      client,
      "SELECT formatQuerySingleLine({sql:String}) AS text",
      { sql },
    );
    understood.push(text);
  }
  const [profile, user, grant, quota] = understood;
  assert.match(
    profile,
    /^CREATE SETTINGS PROFILE IF NOT EXISTS `turnlog_reader` SETTINGS readonly = 2,/,
  );
  assert.match(profile, /max_execution_time = 30 MIN 1 MAX 30/);
  assert.match(profile, /max_rows_to_read = 1000000000 MIN 1 MAX 1000000000/);
  assert.match(
    user,
    /^CREATE USER IF NOT EXISTS `the reader` .* SETTINGS PROFILE \W?turnlog_reader/,
  );
  assert.match(grant, /^GRANT SELECT, SHOW ON default\.\* TO `the reader`$/);
  assert.match(quota, /FOR INTERVAL 1 hour MAX execution_time = 7200 TO `the reader`$/);
});

Deno.test("a reader who can log in is left alone; one who cannot be made is described to an administrator", async () => {
  await using server = await startTemporaryServer();
  assert.equal(await setUpReader({ url: server.writerUrl, readerUrl: server.url }), false);
  const readerUrl = server.url.replace("http://", "http://analyst:secret-word@");
  await assert.rejects(
    () => setUpReader({ url: server.writerUrl, readerUrl }),
    (error: Error) => {
      assert.match(
        error.message,
        /^Cannot make the user analyst in ClickHouse: [^]*Let an administrator run:/,
      );
      assert.match(error.message, /GRANT SELECT, SHOW ON `default`\.\* TO `analyst`;/);
      assert.doesNotMatch(error.message, /secret-word/);
      return true;
    },
  );
});
