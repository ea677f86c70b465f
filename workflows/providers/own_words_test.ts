import assert from "node:assert/strict";
import { ownWords } from "./own_words.ts";

Deno.test("a provider's words are shown without keys and addresses", () => {
  const cases = [
    ["401 bad key sk-SECRET", "bad key [key]"],
    [
      "Incorrect API key provided: sk-proj-abc***xyz. See https://a.example/x",
      "Incorrect API key provided: [key] See [address]",
    ],
    [
      "upstream 10.0.0.7:8080 and gpu-3.internal:8000 are away",
      "upstream [address] and [address] are away",
    ],
    ["Authorization: Bearer abc.def", "Authorization: [key]"],
    ["token 0123456789abcdef0123456789abcdef is over", "token [key] is over"],
    [
      "400 prompt is too long: 210000 tokens > 200000 maximum",
      "prompt is too long: 210000 tokens > 200000 maximum",
    ],
  ];
  for (const [message, shown] of cases) assert.equal(ownWords(message), shown);
});

Deno.test("a page of a proxy is not shown", () => {
  assert.equal(ownWords("502 <html><body><h1>Bad Gateway</h1></body></html>"), null);
  assert.equal(ownWords("503 status code (no body)"), null);
});
