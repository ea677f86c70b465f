/**
 * The configuration files that the engine starts with: who may do what, and how much memory it may keep. A session
 * authenticates as the engine's user `default`, who has no rights of his own but two roles; `SET ROLE reader` leaves a
 * session with the reader's rights alone, so that the engine itself refuses everything else: writing, files, the
 * network, other processes, other databases. Of the system's tables everyone may read those that are there
 * (`visible_system_tables.ts`), but for `processes`, which tells what others ask: it has no rows for a reader.
 */

const mebibyte = 1024 * 1024;

/** The most memory that all queries and merges together may take; a query beyond it ends with an error. */
const serverMemoryBytesMax = 3 * 1024 * mebibyte;

const users = `<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <roles>
    <reader>
      <grants>
        <query>GRANT SELECT, SHOW ON default.*</query>
      </grants>
    </reader>
    <writer>
      <grants>
        <query>GRANT ALL ON *.*</query>
      </grants>
    </writer>
  </roles>
  <users>
    <default>
      <password/>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <databases>
        <system>
          <processes>
            <filter>has(currentRoles(), 'writer')</filter>
          </processes>
        </system>
      </databases>
      <grants>
        <query>GRANT reader</query>
        <query>GRANT writer</query>
      </grants>
    </default>
  </users>
</clickhouse>
`;

/** Smaller caches and pools than a server's: what one person's machine asks of it, and 35 MB less when idle. */
function config(usersPath: string): string {
  return `<clickhouse>
  <users_config>${usersPath}</users_config>
  <max_server_memory_usage>${serverMemoryBytesMax}</max_server_memory_usage>
  <mark_cache_size>${64 * mebibyte}</mark_cache_size>
  <primary_index_cache_size>${64 * mebibyte}</primary_index_cache_size>
  <index_mark_cache_size>${16 * mebibyte}</index_mark_cache_size>
  <query_condition_cache_size>${16 * mebibyte}</query_condition_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <mmap_cache_size>0</mmap_cache_size>
  <max_thread_pool_free_size>4</max_thread_pool_free_size>
  <max_io_thread_pool_free_size>0</max_io_thread_pool_free_size>
  <background_pool_size>2</background_pool_size>
  <background_common_pool_size>2</background_common_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
  <background_move_pool_size>1</background_move_pool_size>
  <background_fetches_pool_size>1</background_fetches_pool_size>
  <background_message_broker_schedule_pool_size>1</background_message_broker_schedule_pool_size>
  <background_distributed_schedule_pool_size>1</background_distributed_schedule_pool_size>
  <background_buffer_flush_schedule_pool_size>1</background_buffer_flush_schedule_pool_size>
  <tables_loader_foreground_pool_size>1</tables_loader_foreground_pool_size>
  <tables_loader_background_pool_size>1</tables_loader_background_pool_size>
  <merge_tree>
    <!-- With so small a pool the defaults of these would leave no room for a large merge or a mutation. -->
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
</clickhouse>
`;
}

/**
 * Writes the files into `config/` of the data folder.
 *
 * @param dataFolder An absolute path; created where it is missing.
 * @returns The path of the main file.
 */
export async function writeEngineFiles(dataFolder: string): Promise<string> {
  const folder = `${dataFolder}/config`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/users.xml`, users);
  await Deno.writeTextFile(`${folder}/config.xml`, config(escapeXml(`${folder}/users.xml`)));
  return `${folder}/config.xml`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
