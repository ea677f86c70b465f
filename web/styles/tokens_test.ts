import assert from "node:assert/strict";

const css = Deno.readTextFileSync(new URL("tokens.css", import.meta.url));
const colors = new Map(
  [...css.matchAll(/--([\w-]+):\s*light-dark\((#\w{6}),\s*(#\w{6})\)/g)].map((
    [, name, light, dark],
  ) => [name, { light, dark }]),
);

const surfaces = ["surface-sunken", "surface", "surface-raised"];
const text: Record<string, string[]> = {
  "text": [
    ...surfaces,
    "surface-hover",
    "surface-selected",
    "surface-on",
    "bubble",
    "warning-soft",
    "danger-soft",
    "accent-soft",
    "surface-code",
  ],
  "text-muted": [...surfaces, "surface-hover", "surface-selected", "bubble", "surface-code"],
  "text-disabled": [...surfaces, "surface-hover"],
  "accent": [...surfaces, "surface-hover", "accent-soft", "bubble"],
  "on-accent": ["accent", "accent-hover"],
  "success": surfaces,
  "warning": [...surfaces, "warning-soft"],
  "danger": [...surfaces, "surface-hover", "danger-soft"],
  "code-keyword": ["surface-code"],
  "code-string": ["surface-code"],
  "code-number": ["surface-code"],
  "code-title": ["surface-code"],
  "code-comment": ["surface-code"],
};
const parts: Record<string, string[]> = {
  "line-strong": surfaces,
  ...Object.fromEntries(
    Array.from({ length: 8 }, (_, index) => [`series-${index + 1}`, ["surface-raised", "surface"]]),
  ),
};

for (const theme of ["light", "dark"] as const) {
  Deno.test(`text stands out by 4.5:1 in the ${theme} theme`, () => check(text, theme, 4.5));
  Deno.test(`parts stand out by 3:1 in the ${theme} theme`, () => check(parts, theme, 3));
}

function check(pairs: Record<string, string[]>, theme: "light" | "dark", least: number) {
  const low = Object.entries(pairs).flatMap(([front, backs]) =>
    backs.map((back) => ({ front, back, ratio: contrast(hex(front, theme), hex(back, theme)) }))
  ).filter(({ ratio }) => ratio < least);
  assert.deepEqual(low, []);
}

function hex(name: string, theme: "light" | "dark") {
  const color = colors.get(name);
  assert.ok(color, `There is no colour --${name} in tokens.css`);
  return color[theme];
}

/** The contrast of WCAG 2. */
function contrast(a: string, b: string) {
  const [light, dark] = [luminance(a), luminance(b)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
