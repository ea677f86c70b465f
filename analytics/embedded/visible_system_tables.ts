/**
 * The system tables that the embedded server shows; the others are hidden at its start. Among those are some that reach
 * out of the engine when they are read: `models` starts a process, `stack_trace` interrupts every thread, `certificates`
 * reads files. `errors` holds parts of other people's queries, `server_settings` where things are on the machine.
 */
export const visibleSystemTables: ReadonlySet<string> = new Set([
  // What the engine itself reads to answer a query.
  "numbers",
  "numbers_mt",
  "one",
  "zeros",
  "zeros_mt",
  // What clients, and people who look around, ask for.
  "clusters",
  "collations",
  "columns",
  "constraints",
  "current_roles",
  "data_skipping_indices",
  "data_type_families",
  "databases",
  "dictionaries",
  "enabled_roles",
  "events",
  "formats",
  "functions",
  "keywords",
  "merge_tree_settings",
  "merges",
  "metrics",
  "mutations",
  "parts",
  "parts_columns",
  "processes",
  "projections",
  "replicas",
  "settings",
  "table_engines",
  "table_functions",
  "tables",
  "time_zones",
  "view_refreshes",
  "warnings",
]);
