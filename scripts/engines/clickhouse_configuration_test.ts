import assert from "node:assert/strict";
import { readerLimits } from "../../analytics/reader_limits.ts";
import { usersConfiguration } from "./clickhouse_configuration.ts";

const ofContainers = Deno.readTextFileSync("deploy/clickhouse/users.xml");

/** @returns An element without comments and without the spaces between its tags. */
function element(name: string, xml: string): string {
  const plain = xml.replace(/<!--[\s\S]*?-->/g, "").replace(/>\s+</g, "><");
  return new RegExp(`<${name}>.*?</${name}>`).exec(plain)![0];
}

Deno.test("a reader of ClickHouse may do the same on a start's server and in containers", () => {
  const ofStart = usersConfiguration("a password");
  for (const name of ["profiles", "grants"]) {
    assert.equal(
      element(name, ofStart).replace("<default/>", ""),
      element(name, ofContainers),
    );
  }
});

Deno.test("a reader's limits hold, and can be lowered but not raised", () => {
  const profile = element("profiles", ofContainers);
  for (const [name, limit] of Object.entries(readerLimits)) {
    assert.ok(profile.includes(`<readonly>2</readonly>`));
    assert.ok(profile.includes(`<${name}>${limit}</${name}>`), name);
    assert.ok(profile.includes(`<${name}><min>1</min><max>${limit}</max></${name}>`), name);
  }
});
