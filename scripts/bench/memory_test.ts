import assert from "node:assert/strict";
import { memoryOfTree } from "./memory.ts";

Deno.test({
  name: "the memory of a process and its descendants is counted",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const child = new Deno.Command("sh", { args: ["-c", "sleep 60 & wait"], detached: true })
      .spawn();
    try {
      const deadline = Date.now() + 5000;
      while (memoryOfTree(child.pid).length < 2) {
        assert.ok(Date.now() < deadline, "the child of the child was not found");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const own = memoryOfTree(Deno.pid);
      assert.ok(own.find(({ pid }) => pid === Deno.pid)!.pssMb > 10);
      assert.ok(own.find(({ pid }) => pid === child.pid)!.command.includes("sh -c"));
    } finally {
      Deno.kill(-child.pid, "SIGKILL");
      await child.status;
    }
  },
});
