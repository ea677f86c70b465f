import assert from "node:assert/strict";
import { ConfigError, parseConfig } from "../config_file.ts";
import { definitionOf } from "./experiment_schema.ts";

const head = `providers: { simulated: { kind: simulated } }
models: { demo: { provider: simulated }, large: { provider: simulated } }
routes: { default: { candidates: [demo] } }
experiments:
`;
const tone = `  tone:
    goal: thumbs_up_rate
    variants:
      zeal: { weight: 50, overrides: { systemPrompt: "Be keen." } }
      control: { weight: 50 }
`;

function parse(experiments: string) {
  return parseConfig(head + experiments, "turnlog.yaml").experiments;
}

function mistakesOf(experiments: string): string {
  try {
    parse(experiments);
  } catch (error) {
    assert(error instanceof ConfigError);
    return error.message;
  }
  throw new assert.AssertionError({ message: "The file was accepted" });
}

Deno.test("what an experiment does not say has a default, and control is the baseline", () => {
  assert.deepEqual(definitionOf("tone", parse(tone).tone), {
    route: "default",
    unit: "user",
    traffic: 1,
    layer: "tone",
    goal: "thumbs_up_rate",
    guardrails: [],
    variants: [
      { name: "control", weight: 50, overrides: {} },
      { name: "zeal", weight: 50, overrides: { systemPrompt: "Be keen." } },
    ],
  });
  assert.equal(parse(tone).tone.status, "draft");
});

Deno.test("without a variant control, the first one is the baseline", () => {
  const definition = definitionOf("tone", parse(tone.replace("control", "calm")).tone);
  assert.deepEqual(definition.variants.map(({ name }) => name), ["zeal", "calm"]);
});

Deno.test("a mistake is told with its line and what may stand there", () => {
  const cases: [string, RegExp][] = [
    [
      tone.replace("thumbs_up_rate", "happiness"),
      /line 6: experiments\.tone\.goal: .*"thumbs_up_rate"\|.*"completion_rate"/,
    ],
    [
      tone.replace("systemPrompt:", "prompt:"),
      /line 8: experiments\.tone\.variants\.zeal\.overrides\.prompt: there is no such setting; .* systemPrompt/,
    ],
    [
      tone.replace('systemPrompt: "Be keen."', "model: huge"),
      /line 8: .*\.overrides\.model: there is no model huge; the file has: demo, large/,
    ],
    [
      tone.replace('systemPrompt: "Be keen."', "candidates: [demo, huge]"),
      /line 8: .*\.candidates\.1: there is no model huge/,
    ],
    [
      tone.replace('systemPrompt: "Be keen."', "model: demo, candidates: [large]"),
      /overrides\.model: candidates say already who is asked/,
    ],
    [
      tone.replace('systemPrompt: "Be keen."', "route: quick"),
      /overrides\.route: there is no route quick; the file has: default/,
    ],
    [
      `${tone}    route: quick\n`,
      /line 10: experiments\.tone\.route: there is no route or model quick; .*: default, demo, large/,
    ],
    [`${tone}    unit: device\n`, /line 10: experiments\.tone\.unit: .*"user"\|"conversation"/],
    [`${tone}    status: over\n`, /line 10: .*"draft"\|"running"/],
    [`${tone}    traffic: 2\n`, /line 10: experiments\.tone\.traffic: /],
    [`${tone}    guardrails: [thumbs_up_rate]\n`, /guardrails\.0: the goal cannot be a guardrail/],
    [tone.replace("weight: 50 }", "weight: 0 }"), /variants\.control\.weight: /],
    [
      tone.replace(/ +control.*\n/, ""),
      /line 7: experiments\.tone\.variants: must be 2 to 10 variants; found 1/,
    ],
    [
      tone.replace("control", "1"),
      /line 9: .*variants.*1: a name begins with a letter/,
    ],
    [
      `${tone}    layer: prompts\n${
        tone.replace("tone", "size")
      }    layer: prompts\n    unit: conversation\n`,
      /line 17: experiments\.size\.unit: tone deals out the layer prompts by user/,
    ],
  ];
  for (const [experiments, message] of cases) assert.match(mistakesOf(experiments), message);
});
