/** The limits of those who may only read, the same on the embedded ClickHouse and on a real one. */

const mebibyte = 1024 * 1024;

/** What one query of a reader may cost; a request may ask for less. */
export const readerLimits = {
  /** Seconds. */
  max_execution_time: 30,
  /** Bytes. Grouping and sorting beyond half of it go to the disk. */
  max_memory_usage: 1024 * mebibyte,
  /** From tables, over all parts of a query. */
  max_rows_to_read: 1_000_000_000,
  max_result_rows: 10_000_000,
  max_threads: 4,
} as const;
