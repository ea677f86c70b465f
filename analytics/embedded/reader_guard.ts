/**
 * What a reader's statement may not use although the engine would let it: functions that reach out of the engine. For
 * tables, table functions and statements the engine has access rights and a read-only mode, which every reader's session
 * is in; for scalar functions it has none, and `file('/etc/passwd')` reads with the rights of the process.
 */
import { ClickHouseException } from "./clickhouse_exception.ts";
import type { Engine } from "./engine.ts";

/** Categories of `system.functions` with functions that read files, call models, or look into the process. */
const suspectCategories = new Set([
  "",
  "AI",
  "Dictionary",
  "Embedded Dictionary",
  "Introspection",
  "Machine Learning",
  "Other",
]);

/** Functions of those categories that only compute from their arguments or tell what any client may know. */
const harmlessFunctions = new Set(
  `bar blockNumber blockSerializedSize blockSize buildId byteSize connectionId countDigits currentDatabase currentProfiles
  currentQueryID currentRoles currentSchemas currentUser authenticatedUser defaultProfiles defaultRoles
  defaultValueOfArgumentType defaultValueOfTypeName digits displayName dumpColumnStructure enabledProfiles enabledRoles
  errorCodeToName finalizeAggregation flipCoordinates formatQuery formatQueryOrNull formatQuerySingleLine
  formatQuerySingleLineOrNull formatReadableDecimalSize formatReadableQuantity formatReadableSize
  formatReadableTimeDelta getMaxTableNameLengthForDatabase getMergeTreeSetting getSetting
  getSettingOrDefault getSizeOfEnumType getSubcolumn getTypeSerializationStreams globalVariable hasColumnInTable
  highlightQuery hostName identity ignore indexHint initialQueryID initialQueryStartTime initializeAggregation
  isConstant isDecimalOverflow joinGet joinGetOrNull lowCardinalityIndices lowCardinalityKeys MACNumToString
  MACStringToNum MACStringToOUI materialize minSampleSizeContinuous minSampleSizeConversion neighbor normalizedQueryHash
  normalizedQueryHashKeepNames normalizeQuery normalizeQueryKeepNames obfuscateQuery obfuscateQueryWithSeed
  parseReadableSize parseReadableSizeOrNull parseReadableSizeOrZero parseTimeDelta partitionId queryID revision
  rowNumberInAllBlocks rowNumberInBlock runningAccumulate runningConcurrency runningDifference
  runningDifferenceStartingWithFirstValue shardCount shardNum sleep sleepEachRow throwIf toColumnTypeName tokenizeQuery
  toTypeName transform uptime variantElement variantType version visibleWidth`.split(/\s+/),
);

/** Asks the engine which functions it has; those that are not known to be harmless are refused to readers. */
export class ReaderGuard {
  readonly #refused: ReadonlySet<string>;

  private constructor(refused: ReadonlySet<string>) {
    this.#refused = refused;
  }

  static async create(engine: Engine): Promise<ReaderGuard> {
    const functions = await engine.rows<{ name: string; alias_to: string; categories: string }>(
      "SELECT name, alias_to, categories FROM system.functions WHERE NOT is_aggregate AND origin = 'System'",
    );
    const suspects = functions.filter(({ name, alias_to, categories }) =>
      suspectCategories.has(alias_to ? "" : categories) && !harmlessFunctions.has(name)
    );
    const byName = new Map(functions.map((each) => [each.name, each]));
    const refused = suspects.filter(({ alias_to }) => {
      const original = byName.get(alias_to);
      return original === undefined ||
        suspectCategories.has(original.categories) && !harmlessFunctions.has(original.name);
    });
    return new ReaderGuard(new Set(refused.map(({ name }) => name.toLowerCase())));
  }

  /**
   * @param statement As `formatQuerySingleLine` writes it: without comments and heredocs.
   * @param parameters The values of its placeholders, which may stand for names.
   * @throws ClickHouseException with code 497 where the statement names a refused function: a function may be named
   * without brackets (`arrayMap(file, …)`), so the bare name is refused too, even where it names a column. With code 164
   * where it has settings: the engine looks at those of the whole statement, but not at those of a part of it.
   */
  check(statement: string, parameters: Record<string, string>): void {
    for (const { groups } of statement.matchAll(tokens)) {
      const { plain, backquoted, doublequoted, parameter, setting } = groups!;
      if (setting !== undefined) {
        throw ClickHouseException.of(
          "READONLY",
          `Cannot modify '${setting}' setting in readonly mode`,
        );
      }
      const name = plain ?? unescape(backquoted ?? doublequoted ?? parameters[parameter] ?? "");
      if (!this.#refused.has(name.toLowerCase())) continue;
      throw ClickHouseException.of(
        "ACCESS_DENIED",
        `Not enough privileges. The function ${name} is not available to a user who may only read`,
      );
    }
  }
}

/** Strings are skipped; names are taken as they stand, between quotes, or as a placeholder `{name:Identifier}` gives them. */
const tokens =
  /'(?:[^'\\]|\\.)*'|(?<!\.)`(?<backquoted>(?:[^`\\]|\\.)*)`|(?<!\.)"(?<doublequoted>(?:[^"\\]|\\.)*)"|\{(?<parameter>\w+):Identifier\}|\{\w+:[^}]*\}|\bSETTINGS (?<setting>\w+) = |(?<![.\w])(?<plain>[A-Za-z_]\w*)/gs;

function unescape(name: string): string {
  return name.replace(/\\(.)/gs, "$1");
}
