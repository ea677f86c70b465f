/** What a start tells the person in front of it: lines that stay, and steps that show how far they are. */

export interface Output {
  /** A line that stays. */
  line(text: string): void;
  /** Something that takes time, beside others that do. */
  step(title: string): Step;
  /** Nothing more will be said. */
  close(): void;
}

export interface Step {
  /** What is being done now, such as "building, usually 4 minutes". */
  says(text: string): void;
  /** How far that is, such as "12 of 44 MB"; may change many times a second. */
  detail(text: string): void;
  /** How it ended. The time that it took is added. */
  done(text: string): void;
  /** Ends it without success; the error is told elsewhere. */
  failed(): void;
}

/** Where a step stands in its line, after the longest title. */
const titleWidth = 12;
/** How often a long step is mentioned again where lines cannot be rewritten. */
const reminderMs = 15_000;

/** Only ever adds lines: for files, pipes and tests. */
export function plainOutput(
  write: (line: string) => void,
  remindEveryMs: number = reminderMs,
): Output {
  const steps = new Set<OpenStep>();
  const reminder = setInterval(() => {
    for (const step of steps) write(stepLine(step, { withTime: true }));
  }, remindEveryMs);
  return {
    line: write,
    step(title) {
      return openStep(title, steps, (step, { isDone }) => {
        write(stepLine(step, { withTime: isDone }));
      });
    },
    close: () => clearInterval(reminder),
  };
}

/** Keeps the steps that are under way at the foot of the terminal and rewrites them each second. */
export function terminalOutput(
  { write, columns }: { write: (text: string) => void; columns: () => number },
): Output {
  const steps = new Set<OpenStep>();
  let drawn = 0;
  const clock = setInterval(() => redraw([]), 1000);

  /** Puts lines above the steps. */
  function redraw(lines: string[]): void {
    const up = drawn === 0 ? "" : `\x1b[${drawn}A\x1b[0J`;
    // A line that wraps would take two rows and spoil the count.
    const foot = [...steps].map((step) =>
      stepLine(step, { withTime: true }).slice(0, columns() - 1)
    );
    drawn = foot.length;
    if (up !== "" || lines.length > 0 || foot.length > 0) {
      write(up + [...lines, ...foot].map((line) => `${line}\n`).join(""));
    }
  }
  return {
    line: (text) => redraw([text]),
    step(title) {
      return openStep(title, steps, (step, { isDone }) => {
        redraw(isDone ? [stepLine(step, { withTime: true })] : []);
      });
    },
    close() {
      clearInterval(clock);
      redraw([]);
    },
  };
}

/** To standard output, as it allows. Where nobody reads it any more, or its disk is full, only what is said is lost. */
export function standardOutput(): Output {
  const encoder = new TextEncoder();
  const write = (text: string) => {
    try {
      let bytes = encoder.encode(text);
      while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
    } catch {
      // A broken pipe, a closed terminal: whoever starts an engine must be able to stop it all the same.
    }
  };
  return Deno.stdout.isTerminal()
    // Some terminals do not know their size and say 0.
    ? terminalOutput({ write, columns: () => Deno.consoleSize().columns || 80 })
    : plainOutput((line) => write(`${line}\n`));
}

/** Says nothing. */
export const silentOutput: Output = {
  line() {},
  step: () => ({ says() {}, detail() {}, done() {}, failed() {} }),
  close() {},
};

/** @returns "0.4 s", "12 s", "3 min 5 s". */
export function formatDuration(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

interface OpenStep {
  title: string;
  text: string;
  detail: string;
  beganAt: number;
}

function openStep(
  title: string,
  steps: Set<OpenStep>,
  onChange: (step: OpenStep, change: { isDone: boolean }) => void,
): Step {
  const step: OpenStep = { title, text: "", detail: "", beganAt: Date.now() };
  steps.add(step);
  return {
    says(text) {
      if (text === step.text) return;
      step.text = text;
      step.detail = "";
      onChange(step, { isDone: false });
    },
    detail(text) {
      step.detail = text;
    },
    done(text) {
      step.text = text;
      step.detail = "";
      steps.delete(step);
      onChange(step, { isDone: true });
    },
    failed: () => void steps.delete(step),
  };
}

function stepLine(
  { title, text, detail, beganAt }: OpenStep,
  { withTime }: { withTime: boolean },
): string {
  const time = withTime ? ` (${formatDuration(Date.now() - beganAt)})` : "";
  return `  ${title.padEnd(titleWidth)} ${text}${detail && `: ${detail}`}${time}`;
}
