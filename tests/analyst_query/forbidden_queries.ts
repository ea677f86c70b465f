/**
 * Tries to reach with an analyst's query what is not to be reached: each of them must fail, without a file read or
 * written, a connection made, a process started or a setting changed.
 */

export interface Forbidden {
  /** What nothing but the guard stands before: told as refused, so that the analyst knows that it is not a typing error. */
  refused: string[];
  /** What fails sooner, by a name that is not there or a statement that is none. */
  wrong: string[];
}

/**
 * @param file An absolute path of a file that is there, and has no quote in it.
 * @param host A `host:port` where someone listens.
 */
export function forbiddenQueries(file: string, host: string): Forbidden {
  const functions = [
    ...[`file('${file}', 'LineAsString')`, `File('${file}')`, `FILE('${file}')`],
    ...[`url('http://${host}/')`, `url('http://${host}/', 'LineAsString', 'line String')`],
    ...[`s3('http://${host}/bucket/key')`, `gcs('http://${host}/bucket/key')`],
    ...[`oss('http://${host}/bucket/key')`, `cosn('http://${host}/bucket/key')`],
    ...[`iceberg('http://${host}/bucket/key')`, `icebergS3('http://${host}/bucket/key')`],
    ...[`icebergLocal('${file}')`, "icebergAzure('a', 'b', 'c')"],
    ...[`deltaLake('http://${host}/bucket/key')`, `deltaLakeLocal('${file}')`],
    ...[`hudi('http://${host}/bucket/key')`, `hdfs('hdfs://${host}/x', 'CSV', 'x String')`],
    ...["azureBlobStorage('a', 'b', 'c')", "ytsaurus('x', 'y', 'z', 'a Int8')"],
    ...[`remote('${host}', 'system', 'one')`, `remoteSecure('${host}', 'system', 'one')`],
    ...[`remote('${host}', view(SELECT 1))`, `mongodb('${host}', 'd', 'c', 'u', 'p', 'x String')`],
    ...[`mysql('${host}', 'd', 't', 'u', 'p')`, `postgresql('${host}', 'd', 't', 'u', 'p')`],
    ...[`redis('${host}', 'k', 'k String')`, `sqlite('${file}', 't')`],
    ...["odbc('DSN=x', 'd', 't')", "jdbc('x', 'y', 'z')", `filesystem('${file}')`],
    ...["executable('id', 'TSV', 'x String')", "dictionary('x')"],
    ...[`loop(file('${file}', 'LineAsString'))`, "loop(events)"],
    ...[`view(SELECT file('${file}'))`, `view(SELECT * FROM url('http://${host}/'))`],
    `viewIfPermitted(SELECT * FROM system.users ELSE url('http://${host}/', 'CSV', 'x String'))`,
    ...["format(LineAsString, 'a')", `\`${file}\``, `'${file}'`],
  ];
  const scalar = [
    ...[`file('${file}')`, `FiLe('${file}')`, `\`file\`('${file}')`, `"fil\\x65"('${file}')`],
    ...[`file /* not here */ ('${file}')`, `arrayMap(file, ['${file}'])`],
    ...[`arrayMap(\`fi\\x6ce\`, ['${file}'])`, `if(1, file('${file}'), '')`],
    ...[`arrayMap(x -> file(x), ['${file}'])`, `formatRow('CSV', file('${file}'))`],
    ...["dictGet('a', 'b', 1)", "DICTGET('a', 'b', 1)", "dictGetOrDefault('a', 'b', 1, 2)"],
    ...[`catboostEvaluate('${file}', 1)`, "regionToName(1)", "evalMLMethod(1, 2)"],
    ...["getServerSetting('path')", "getMacro('a')", "getOSKernelVersion()", "tcpPort()"],
    ...["FQDN()", "serverUUID()", "demangle(addressToSymbol(1))", "showCertificate()"],
    ...[`aiGenerate('http://${host}/', 'x', 'y')`, "logTrace('x')"],
  ];
  const changes = [
    ...["CREATE FUNCTION f AS x -> x", "CREATE TEMPORARY TABLE t (a Int8)", "DROP TABLE events"],
    ...["CREATE VIEW v AS SELECT 1", "CREATE NAMED COLLECTION c AS a = 1", "CREATE USER u"],
    `CREATE DICTIONARY d (a UInt64) PRIMARY KEY a SOURCE(FILE(path '${file}' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)`,
    ...["INSERT INTO events SELECT * FROM events", "ALTER TABLE events DELETE WHERE 1"],
    ...["TRUNCATE TABLE events", "OPTIMIZE TABLE events", "KILL QUERY WHERE 1", "USE system"],
    ...[`INSERT INTO FUNCTION url('http://${host}/', 'CSV', 'x Int8') VALUES (1)`],
    ...[`INSERT INTO FUNCTION file('${file}.new', 'CSV', 'x Int8') VALUES (1)`],
    ...["SYSTEM SHUTDOWN", "SYSTEM RELOAD CONFIG", `BACKUP TABLE events TO File('${file}.new')`],
    ...["GRANT ALL ON *.* TO reader", "EXECUTE AS default SELECT 1"],
    ...["SET ROLE writer", "SET readonly = 0", "SET max_execution_time = 0"],
  ];
  return {
    refused: [
      ...functions.map((name) => `SELECT * FROM ${name}`),
      ...scalar.map((name) => `SELECT ${name}`),
      ...changes,
      ...[
        `SELECT 1 INTO OUTFILE '${file}.new'`,
        `SELECT 1 into/**/outfile '${file}.new' FORMAT CSV`,
      ],
      `WITH (SELECT any(line) FROM file('${file}', 'LineAsString')) AS x SELECT x`,
      `WITH x AS (SELECT * FROM url('http://${host}/')) SELECT * FROM x`,
      `SELECT 1 WHERE 1 IN (SELECT * FROM url('http://${host}/'))`,
      `SELECT * FROM numbers(1) AS a JOIN url('http://${host}/') AS b ON 1`,
      `SELECT * FROM numbers(1) PASTE JOIN file('${file}')`,
      `SELECT (SELECT any(line) FROM file('${file}', 'LineAsString'))`,
      `SELECT * REPLACE(file('${file}') AS number) FROM numbers(1)`,
      `SELECT COLUMNS('number') APPLY(file) FROM numbers(1)`,
      `FROM url('http://${host}/') SELECT *`,
      `EXPLAIN SELECT * FROM url('http://${host}/')`,
      `EXPLAIN QUERY TREE SELECT file('${file}')`,
      `DESCRIBE url('http://${host}/')`,
      `DESCRIBE (SELECT * FROM file('${file}'))`,
      `SELECT * FROM clusterAllReplicas(default, view(SELECT file('${file}')))`,
      "SELECT 1 SETTINGS max_execution_time = 0",
      "SELECT 1 /* c */ settings /* d */ max_memory_usage /* e */ = 0",
      "SELECT * FROM (SELECT 1 SETTINGS readonly = 0)",
      "WITH x AS (SELECT 1 settings readonly = 0) SELECT * FROM x",
      "(SELECT 1 SETTINGS readonly = 0) UNION ALL SELECT 2",
      "SELECT 1 SETTINGS allow_experimental_ai_functions = 1",
      "SHOW CREATE USER default",
      "SHOW CREATE SETTINGS PROFILE default",
      "CHECK TABLE events",
    ],
    wrong: [
      ...["SHOW USERS", "SHOW ROLES", "SHOW PROFILES"],
      ...hiddenSystemTables.map((name) => `SELECT * FROM system.${name}`),
      "SELECT * FROM merge('system', '^(users|grants|models|query_log)$')",
      "SELECT * FROM clusterAllReplicas('default', system.one)",
      `SELECT * FROM urlCluster('default', 'http://${host}/')`,
      `SELECT * FROM s3Cluster('default', 'http://${host}/bucket/key')`,
      `SELECT * FROM fileCluster('default', '../x')`,
      `SELECT * FROM URL('http://${host}/')`,
      "SELECT * FROM input('x String')",
      `SELECT * FROM \`http://${host}/x.csv\``,
      `SELECT 1 IN url('http://${host}/')`,
      "SELECT 1; DROP TABLE events",
      "SELECT 1 /* ; */ ; DROP TABLE events",
      "SELECT 1 -- comment\n; DROP TABLE events",
      "SELECT $$a$$; DROP TABLE events",
      "SELECT 1 FORMAT CSV",
      "SELECT 1 FORMAT Template",
      `SELECT 1 AS \`x\\\`, file('${file}') AS y`,
      `COPY events TO '${file}.new'`,
    ],
  };
}

/** Hold users, other people's queries, secrets, or reach out of the engine when they are read. */
const hiddenSystemTables = [
  ...["users", "roles", "grants", "quotas", "settings_profiles", "user_directories"],
  ...["query_log", "text_log", "session_log", "errors", "server_settings", "macros", "disks"],
  ...["named_collections", "storage_policies", "zookeeper", "models", "stack_trace"],
  ...["certificates", "build_options", "asynchronous_inserts", "backups", "user_processes"],
];
