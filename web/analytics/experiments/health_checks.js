/** Whether the numbers of an experiment may be believed: what was checked, and what was found. */
import { html } from "htm/preact";
import { Icon } from "../../components/icon.js";
import { plural } from "../../format.js";
import { experimentMetrics } from "../../../events/contract/experiment_metrics.ts";
import { formatPValue, formatShare } from "./experiment_words.js";

/** @import { ExperimentResults } from "../../../events/contract/experiment_results.ts" */

/** @param {{ results: ExperimentResults }} props */
export function HealthChecks({ results }) {
  return html`
    <ul class="health-checks" aria-label="Health checks">
      ${checksOf(results).map(({ isWell, words }) =>
        html`
          <li key=${words} class=${isWell ? "well" : "unwell"}>
            <${Icon} name=${isWell ? "circle-check" : "circle-alert"} />
            <span>${words}</span>
          </li>
        `
      )}
    </ul>
  `;
}

/**
 * @param {ExperimentResults} results
 * @returns {{ isWell: boolean, words: string }[]}
 */
function checksOf({ health, variants, unit, metrics }) {
  const { split, mixedUnits, imbalances, unpriced, tooLittle } = health;
  const shares = variants.map(({ variant, share, expectedShare }) =>
    `${variant} ${formatShare(share)} of ${formatShare(expectedShare)}`
  );
  const byChance = split.pValue === null
    ? ""
    : ` (${shares.join(", ")}; p ${pWords(split.pValue)})`;
  return [
    {
      isWell: split.sound,
      words: split.sound
        ? `The ${unit}s are split as the weights say${byChance}`
        : `The ${unit}s are not split as the weights say${byChance}`,
    },
    {
      isWell: mixedUnits === 0,
      words: mixedUnits === 0
        ? `No ${unit} had several variants`
        : `${plural(mixedUnits, unit)} had several variants, and count nowhere`,
    },
    ...(isKnownBefore(metrics) && imbalances.length === 0
      ? [{
        isWell: true,
        words: "Before the experiment the variants did not differ in goal and guardrails",
      }]
      : []),
    ...imbalances.map(({ metric, variant, pValue }) => ({
      isWell: false,
      words: `${experimentMetrics[metric].title}: ${variant} differed before the experiment (p ${
        pWords(pValue)
      })`,
    })),
    ...unpriced.map(({ variant, share }) => ({
      isWell: false,
      words: `${
        formatShare(share)
      } of ${variant}’s turns have no price: what they cost is not known`,
    })),
    ...tooLittle.map((words) => ({ isWell: false, words: `Too early: ${words}` })),
  ];
}

/**
 * Whether units were there before their exposure, so that they could be compared.
 *
 * @param {ExperimentResults["metrics"]} metrics
 */
function isKnownBefore(metrics) {
  return metrics.some(({ role, comparisons }) =>
    role !== "other" && comparisons.some(({ cuped }) => cuped !== null)
  );
}

/** @param {number} pValue */
function pWords(pValue) {
  const words = formatPValue(pValue);
  return words.startsWith("<") ? words : `= ${words}`;
}
