/** Who may read which of the dashboard's views. */
import assert from "node:assert/strict";
import { type Scene, withApp } from "./temporary_app.ts";

const operatorToken = "a token of 16 and more";

/** An app that others reach too, over a ClickHouse with one view for everyone and one of single users. */
async function withViews(run: (scene: Scene) => Promise<void>): Promise<void> {
  const chart = { type: "table", x: "time", y: [], unit: "usd" };
  const shared = { title: "Cost", section: "cost", order: 1, description: "One row.", chart };
  const views = [
    { name: "cost_by_model", comment: JSON.stringify(shared), parameters: [] },
    {
      name: "cost_by_user",
      comment: JSON.stringify({ ...shared, isForOperators: true }),
      parameters: [],
    },
  ];
  const clickHouse = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const isOfViews = (await request.text()).includes("system.tables");
      return Response.json({ meta: [], data: isOfViews ? views : [{ user_key: "ann" }] });
    },
  );
  const clickHouseUrl = `http://127.0.0.1:${clickHouse.addr.port}`;
  try {
    await withApp(run, { host: "0.0.0.0", operatorToken, clickHouseUrl });
  } finally {
    await clickHouse.shutdown();
  }
}

const path = "/api/analytics/views";

Deno.test("views of single users and turns are for operators, the others for everyone", () =>
  withViews(async ({ request }) => {
    const headers = { authorization: `Bearer ${operatorToken}` };
    const namesFor = async (init: RequestInit) => {
      const { items } = await (await request(path, init)).json();
      return items.map(({ name }: { name: string }) => name);
    };
    assert.deepEqual(await namesFor({}), ["cost_by_model"]);
    assert.deepEqual(await namesFor({ headers }), ["cost_by_model", "cost_by_user"]);

    assert.equal((await request(`${path}/cost_by_model`)).status, 200);
    const refused = await request(`${path}/cost_by_user`);
    assert.equal(refused.status, 403);
    assert.doesNotMatch(await refused.text(), /ann/);
    const allowed = await request(`${path}/cost_by_user`, { headers });
    assert.deepEqual((await allowed.json()).rows, [{ user_key: "ann" }]);
  }));
