/**
 * Two answers beside each other, and the vote on them. Who wrote which is told after the vote, so that the name does not
 * decide it; which stands first was drawn at random when their turns got their ids.
 */
import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { messageOf } from "../api.js";
import { Icon } from "../components/icon.js";
import { modelOf } from "../state/comparisons.js";
import { AnswerText } from "./answer_text.js";

/**
 * @import { ComparisonWinner } from "../../events/contract/comparison.ts"
 * @import { Conversation } from "../state/conversation.js"
 * @import { Turn } from "../state/turn.js"
 */

/** @type {{ winner: ComparisonWinner, words: string }[]} */
const choices = [
  { winner: "first", words: "A is better" },
  { winner: "second", words: "B is better" },
  { winner: "tie", words: "Tie" },
  { winner: "neither", words: "Both bad" },
];

/** @param {{ conversation: Conversation, pair: [Turn, Turn], onClose: () => void }} props */
export function ComparisonView({ conversation, pair, onClose }) {
  const answers = useRef(/** @type {HTMLElement | null} */ (null));
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const winner = conversation.comparisons.winnerOf(pair);
  // Reading comes first: the arrows scroll, and no key votes by mistake.
  useEffect(() => answers.current?.focus(), []);

  /** @param {ComparisonWinner} chosen */
  async function vote(chosen) {
    setProblem(null);
    try {
      await conversation.vote(pair, chosen);
    } catch (error) {
      setProblem(`Your vote was not kept. ${messageOf(error)}`);
    }
  }

  return html`
    <div class="comparison-content">
      <header class="comparison-head">
        <div>
          <h2>Which answer is better?</h2>
          <p class="comparison-message">${pair[0].facts.value.message}</p>
        </div>
        <button
          type="button"
          class="icon-button"
          aria-label="Close the comparison"
          onClick=${onClose}
        ><${Icon} name="x" size=${20} /></button>
      </header>
      <div ref=${answers} class="comparison-answers" tabindex="0" role="region" aria-label="Answers">
        ${pair.map((turn, index) =>
          html`
            <${ComparedAnswer}
              key=${turn.id}
              turn=${turn}
              name=${`Answer ${"AB"[index]}`}
              isNamed=${winner !== null}
              isWinner=${winner === (index === 0 ? "first" : "second")}
            />
          `
        )}
      </div>
      <footer class="comparison-foot">
        <div class="comparison-choices" role="group" aria-label="Your vote">
          ${choices.map((choice) =>
            html`
              <button
                key=${choice.winner}
                type="button"
                class="button"
                aria-pressed=${winner === choice.winner}
                onClick=${() => vote(choice.winner)}
              >${choice.words}</button>
            `
          )}
        </div>
        <p class="muted" role="status">${stateWords(pair, winner)}</p>
        ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      </footer>
    </div>
  `;
}

/** @param {{ turn: Turn, name: string, isNamed: boolean, isWinner: boolean }} props */
function ComparedAnswer({ turn, name, isNamed, isWinner }) {
  return html`
    <section class="compared-answer" aria-label=${name}>
      <h3>
        ${name}
        ${isNamed && html`<span class="muted">${modelOf(turn)}</span>`}
        ${isWinner && html`<span class="badge">Better</span>`}
      </h3>
      <${AnswerText} turn=${turn} />
    </section>
  `;
}

/**
 * @param {[Turn, Turn]} pair
 * @param {ComparisonWinner | null} winner
 */
function stateWords([first, second], winner) {
  if (winner === null) return "You see which model wrote which after your vote.";
  return `A is by ${modelOf(first)}, B by ${modelOf(second)}. You can change your vote.`;
}
