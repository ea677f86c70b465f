/** The settings of an embedded ClickHouse server: loopback, small, and two users. */
import { createHash } from "node:crypto";
import { readerLimits } from "../../analytics/reader_limits.ts";

/** @param folder Where it keeps its data. */
export function serverConfiguration(
  { folder, port, usersFile }: { folder: string; port: number; usersFile: string },
): string {
  return `<!-- Written by Turnlog at each start: what is changed here is lost. -->
<clickhouse>
  <logger>
    <level>warning</level>
    <console>true</console>
  </logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${port}</http_port>
  <path>${escapeXml(folder)}/</path>
  <tmp_path>${escapeXml(folder)}/tmp/</tmp_path>
  <user_files_path>${escapeXml(folder)}/user_files/</user_files_path>
  <format_schema_path>${escapeXml(folder)}/format_schemas/</format_schema_path>
  <user_directories>
    <users_xml>
      <path>${escapeXml(usersFile)}</path>
    </users_xml>
  </user_directories>
  <!-- Readers see what describes the tables, and not the log of everyone's queries. -->
  <access_control_improvements>
    <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
  </access_control_improvements>
  <!-- Sized for a machine that runs everything else as well. -->
  <mark_cache_size>67108864</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <max_concurrent_queries>100</max_concurrent_queries>
</clickhouse>
`;
}

/**
 * `default` reads without a password, with limits; `turnlog` may do all. Reading is a grant on the tables, not a
 * setting: so files, addresses and other servers are out of a reader's reach.
 */
export function usersConfiguration(password: string): string {
  const hash = createHash("sha256").update(password).digest("hex");
  return `<!-- Written by Turnlog at each start: what is changed here is lost. -->
<clickhouse>
  <profiles>
    <default/>
    <reader>
      <!-- 2: a client may set what does not write, within the constraints. -->
      <readonly>2</readonly>
${limits(([name, max]) => `      <${name}>${max}</${name}>`)}
      <constraints>
${limits(([name, max]) => `        <${name}><min>1</min><max>${max}</max></${name}>`)}
      </constraints>
    </reader>
  </profiles>
  <quotas>
    <default/>
  </quotas>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
      <profile>reader</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SELECT, SHOW ON default.*</query>
      </grants>
    </default>
    <turnlog>
      <password_sha256_hex>${hash}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
    </turnlog>
  </users>
</clickhouse>
`;
}

/** The same as the process around chDB has. */
function limits(line: (limit: [string, number]) => string): string {
  return Object.entries(readerLimits).map(line).join("\n");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
