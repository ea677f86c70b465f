import assert from "node:assert/strict";
import { type QueryRequest, readCredentials, readQueryRequest } from "./http_request.ts";

const address = "http://127.0.0.1:8123/";

function read(query: string, init: RequestInit = {}): Promise<QueryRequest> {
  const url = new URL(query, address);
  const request = new Request(url, { method: "POST", ...init });
  return readQueryRequest(request, url.searchParams, "id");
}

async function rowsOf(request: QueryRequest): Promise<string> {
  const pieces = await Array.fromAsync(request.rows!.pieces);
  return new TextDecoder().decode(await new Blob(pieces).arrayBuffer());
}

function textOf({ statement }: QueryRequest): string {
  return new TextDecoder().decode(statement);
}

Deno.test("the statement is the body, the parameter query, or both one after the other", async () => {
  assert.equal(textOf(await read("", { body: "SELECT 1" })), "SELECT 1");
  assert.equal(textOf(await read("?query=SELECT+1")), "SELECT 1");
  assert.equal(textOf(await read("?query=SELECT", { body: "1" })), "SELECT\n1");
});

Deno.test("an INSERT in the address has its rows in the body", async () => {
  const request = await read("?query=INSERT+INTO+t+(a)+FORMAT+JSONEachRow", { body: '{"a":1}' });
  assert.equal(textOf(request), "INSERT INTO t (a)");
  assert.equal(request.rows?.format, "JSONEachRow");
  assert.equal(await rowsOf(request), '{"a":1}');

  const values = await read("?query=insert+into+t+values", { body: "(1)" });
  assert.equal(textOf(values), "insert into t");
  assert.equal(values.rows?.format, "Values");
});

Deno.test("an INSERT that has its rows in itself is taken whole", async () => {
  const statement = "INSERT INTO t VALUES (1)";
  const request = await read("", { body: statement });
  assert.equal(textOf(request), statement);
  assert.equal(request.rows, undefined);
});

Deno.test("a body may be compressed with gzip", async () => {
  const body = new Blob(["SELECT 1"]).stream().pipeThrough(new CompressionStream("gzip"));
  const request = await read("", { body, headers: { "content-encoding": "gzip" } });
  assert.equal(textOf(request), "SELECT 1");
});

Deno.test("another compression is refused by name", async () => {
  const init = { body: "x", headers: { "content-encoding": "snappy" } };
  await assert.rejects(read("", init), { code: 779, message: /not snappy/ });
});

Deno.test("a statement without an end is refused", async () => {
  const megabyte = new Uint8Array(1024 * 1024).fill(0x20);
  const body = new ReadableStream({ pull: (controller) => controller.enqueue(megabyte) });
  await assert.rejects(read("", { body }), { code: 229 });
});

Deno.test("parameters for placeholders are told from settings and from the interface's own", async () => {
  const request = await read(
    "?param_x=5&max_threads=2&query_id=q&database=d&default_format=CSV&wait_end_of_query=1&user=u",
    { body: "SELECT 1" },
  );
  assert.deepEqual(request.parameters, { x: "5" });
  assert.deepEqual(request.settings, { max_threads: "2" });
  assert.equal(request.database, "d");
  assert.equal(request.format, "CSV");
  assert.equal(request.waitForEnd, true);
});

Deno.test("a form has the statement and its parameters as fields, and no files", async () => {
  const form = new FormData();
  form.append("query", "SELECT {x:String}");
  form.append("param_x", "long");
  const request = await read("", { body: form });
  assert.equal(textOf(request), "SELECT {x:String}");
  assert.deepEqual(request.parameters, { x: "long" });

  form.append("external", new Blob(["1"]), "external.tsv");
  await assert.rejects(read("", { body: form }), { code: 48 });
});

Deno.test("a user is named by Basic, by headers or by parameters, and is default otherwise", () => {
  const asked = (query: string, headers: Record<string, string> = {}) => {
    const url = new URL(query, address);
    return readCredentials(new Request(url, { headers }), url.searchParams);
  };
  assert.deepEqual(asked(""), { user: "default", password: "" });
  assert.deepEqual(asked("?user=a&password=b"), { user: "a", password: "b" });
  assert.deepEqual(asked("", { "x-clickhouse-user": "a", "x-clickhouse-key": "b" }), {
    user: "a",
    password: "b",
  });
  const basic = `Basic ${new TextEncoder().encode("ä:b:c").toBase64()}`;
  assert.deepEqual(asked("", { authorization: basic }), { user: "ä", password: "b:c" });
  assert.throws(() => asked("", { authorization: "Basic %%%" }), { code: 516 });
});
