/** Splits a file of SQL into its statements, for servers that take one at a time. */

/**
 * What a `;` may stand in without ending a statement, as ClickHouse's lexer has it: strings and quoted names with
 * backslashes, comments of both kinds, and heredocs.
 */
const tokens =
  /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|--[^\n]*|#[ !][^\n]*|\/\*.*?\*\/|\$(?<tag>\w*)\$.*?\$\k<tag>\$|(?<end>;)|[^]/gs;

/** @returns The statements in their order, without the `;` between them, and without those that are only comments. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let statement = "";
  let hasCode = false;
  const finish = () => {
    if (hasCode) statements.push(statement.trim());
    statement = "";
    hasCode = false;
  };
  for (const { 0: token, groups } of sql.matchAll(tokens)) {
    if (groups?.end !== undefined) {
      finish();
      continue;
    }
    statement += token;
    hasCode ||= !/^(?:--|#[ !]|\/\*|\s)/.test(token);
  }
  finish();
  return statements;
}
