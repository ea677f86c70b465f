/** What the text of every view keeps to, where a mistake would count wrongly without an error. */
import assert from "node:assert/strict";

const folder = new URL("views/", import.meta.url);
const views = Array.from(Deno.readDirSync(folder), ({ name }) => ({
  name,
  code: Deno.readTextFileSync(new URL(name, folder)).replace(/--.*/g, ""),
}));

/** The one condition by which turns are narrowed to a model: either half alone misses some of them. */
const calledModel =
  "first_model = {model:String} OR turn IN (SELECT turn FROM further_turns_by_model(model = {model:String}))";

Deno.test("no view asks for the first model of turns without their further ones, nor the opposite", () => {
  const count = (code: string, part: string) => code.split(part).length - 1;
  const narrowed = views.filter(({ name, code }) => {
    const whole = count(code, calledModel);
    assert.equal(count(code, "first_model"), whole, name);
    assert.equal(count(code, "further_turns_by_model"), whole, name);
    return whole > 0;
  });
  assert(narrowed.length > 0, "some views can be narrowed to a model");
});
