/** Which tests a person means, and what they need. */

export interface ChosenTests {
  files: string[];
  /** A part of the names of the tests; all where undefined. */
  filter: string | undefined;
}

/**
 * @param tests The paths of all test files.
 * @param wanted Parts of such paths; one that is in none of them is a part of the tests' names.
 */
export function chooseTests(tests: string[], wanted: string[]): ChosenTests {
  const parts = wanted.map((part) => part.replace(/^\.\//, ""));
  const isPath = (part: string) => tests.some((file) => file.includes(part));
  const paths = parts.filter(isPath);
  return {
    files: paths.length === 0
      ? tests
      : tests.filter((file) => paths.some((path) => file.includes(path))),
    filter: parts.find((part) => !isPath(part)),
  };
}

/** Tests beside their sources need nothing but them, unless their names say otherwise. */
export function needsEngines(file: string): boolean {
  return file.startsWith("tests/") || file.endsWith("_engine_test.ts");
}
