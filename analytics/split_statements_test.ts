import assert from "node:assert/strict";
import { splitStatements } from "./split_statements.ts";

Deno.test("statements are split at semicolons, and the last one needs none", () => {
  assert.deepEqual(splitStatements("SELECT 1; SELECT 2;\n SELECT 3"), [
    "SELECT 1",
    "SELECT 2",
    "SELECT 3",
  ]);
});

Deno.test("a semicolon in a string, a quoted name, a comment or a heredoc ends nothing", () => {
  const statements = [
    String.raw`SELECT 'a;b', 'it''s; \'; x'`,
    'SELECT "a;b", `c;d`',
    "SELECT 1 -- one; two\n, 2 /* three; four */",
    "SELECT 1 # ; not yet\n + 1",
    'COMMENT $json${ "a": "$b; c$" }$json$',
    "SELECT $$;$$",
  ];
  assert.deepEqual(splitStatements(statements.join(";\n")), statements);
});

Deno.test("comments alone are no statement", () => {
  assert.deepEqual(splitStatements("-- nothing\n;/* here */;;\n # either\n"), []);
});

Deno.test("a comment before a statement stays with it", () => {
  assert.deepEqual(splitStatements("-- what it is\nSELECT 1;"), ["-- what it is\nSELECT 1"]);
});
