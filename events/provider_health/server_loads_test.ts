import assert from "node:assert/strict";
import { readVllmLoad, ServerLoads } from "./server_loads.ts";

const page = `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="tiny"} 3.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="tiny"} 2.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="tiny",reason="capacity"} 7.0
vllm:kv_cache_usage_perc{engine="0",model_name="tiny"} 0.4
vllm:generation_tokens_total{engine="0",model_name="tiny"} 1200.0
vllm:generation_tokens_total{engine="1",model_name="tiny"} 34.0
vllm:generation_tokens_created{engine="0",model_name="tiny"} 1.7e+09
`;

Deno.test("a vLLM server tells the requests that run and those that wait, how full its cache is, and what it wrote", () => {
  assert.deepEqual(readVllmLoad(page), {
    requestsRunning: 3,
    requestsWaiting: 2,
    kvCacheShare: 0.4,
    tokensWritten: 1234,
  });
  assert.deepEqual(
    readVllmLoad("vllm:num_requests_running 1\nvllm:num_requests_waiting 0\n"),
    { requestsRunning: 1, requestsWaiting: 0 },
  );
  assert.equal(readVllmLoad("http_requests_total 12\n"), null);
});

Deno.test("a server is asked beside its API, and not for each call", async () => {
  const paths: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    paths.push(new URL(request.url).pathname);
    return new Response(page);
  });
  const baseUrl = `http://127.0.0.1:${server.addr.port}/gpu/v1`;
  const loads = new ServerLoads();
  await loads.ask(baseUrl);
  assert.equal(loads.read(baseUrl)?.requests, 5);
  assert.equal(loads.read(baseUrl)?.requests, 5);
  await server.shutdown();
  assert.deepEqual(paths, ["/gpu/metrics"]);
});

Deno.test("a server that is away says nothing, and that is no error", async () => {
  const loads = new ServerLoads();
  await loads.ask("http://127.0.0.1:9/v1");
  assert.equal(loads.read("http://127.0.0.1:9/v1"), null);
});
