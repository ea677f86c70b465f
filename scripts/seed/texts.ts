/** What people ask and models answer: plain sentences, as many as a length takes. */
import { Random } from "./random.ts";

const questions = [
  "How do I read a large file line by line without holding all of it in memory?",
  "Summarise the meeting notes below in five points.",
  "Write a friendly reply to a customer whose parcel is late.",
  "What is the difference between a process and a thread?",
  "Translate this paragraph into German, and keep the tone.",
  "Why does my query become slow when I join the second table?",
  "Plan a week of quick dinners for two people without meat.",
  "Explain compound interest as you would to a student of fifteen.",
  "Find the mistake in this function: it returns one item too few.",
  "Give me three titles for an article about sleep and work.",
  "What should I ask in an interview for a data engineer?",
  "Make this sentence shorter: we are in the process of reviewing your request.",
  "Which of these two contracts is better for a small company?",
  "How long does rice keep in the fridge?",
  "Write a regular expression for dates such as 2026-11-24.",
  "Can you go on from there?",
  "And what would change if we had ten times the traffic?",
  "Please make it simpler.",
];

const sentences = [
  "That depends on what matters most to you, so let us take it step by step.",
  "The short answer is yes, with one exception.",
  "First, look at what is there before anything is changed.",
  "Most of the time goes into reading, not into computing.",
  "A stream gives you one piece at a time, and the memory stays flat.",
  "Keep the original, so that you can compare afterwards.",
  "It is worth to write down what you expect before you measure.",
  "An index helps only where the condition is selective enough.",
  "If both sides are large, sort them once and merge.",
  "People read the first line and the last, so put the point there.",
  "In other words: less is more here.",
  "Two of the three options have the same price and differ in how they fail.",
  "A good rule is to change one thing at a time.",
  "Here is a version that is half as long and says the same.",
  "Let it rest for ten minutes, and serve it with the herbs on top.",
  "Interest is paid on interest, which is why time counts more than the rate.",
  "The loop ends one step too early, since the upper bound is exclusive.",
  "Thank you for your patience; your parcel is on its way again.",
  "You can try this with a small sample and see whether it holds.",
  "What remains is a question of taste.",
  "For ten times the traffic I would first add a cache and then a second server.",
  "Both contracts can be ended within a month, but only one of them in writing.",
  "A process has memory of its own; threads share theirs.",
  "None of this is needed if the list is short.",
  "Should anything be unclear, tell me which part, and I will go into it.",
];

/** A long run of sentences, of which each text is a stretch: cutting is much quicker than putting together. */
const stock = (() => {
  const random = new Random(1);
  return Array.from({ length: 4000 }, () => random.pick(sentences)).join(" ");
})();
const sentenceStarts = [0, ...stock.matchAll(/(?<=[.?!] )/g).map(({ index }) => index)];

const answerLengthMax = 6000;

export function questionText(random: Random): string {
  return random.pick(questions);
}

/** @param length About how long, in characters; the text ends with a sentence. */
export function answerText(random: Random, length: number): string {
  const wanted = Math.min(Math.max(length, 40), answerLengthMax);
  const start = sentenceStarts[random.integer(sentenceStarts.length * 0.9)];
  const end = stock.indexOf(". ", start + wanted - 40);
  return stock.slice(start, end + 1);
}
