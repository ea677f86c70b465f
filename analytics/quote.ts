/** Values and names as they stand in ClickHouse's SQL, where they cannot be bound. */

/** A string literal of ClickHouse's SQL. */
export function quoteString(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** A name in ClickHouse's SQL. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, "\\$&")}\``;
}
