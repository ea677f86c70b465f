/** ClickHouse's SQL for the editor: what is a keyword, a type, a function, a comment. */
import { SQLDialect } from "@codemirror/lang-sql";

/** Words of statements that read; what changes data is refused, so it need not be offered. */
const keywords =
  `all and any anti array as asc asof between bucket by case cast collate cross cte cube desc describe
distinct else end except exists explain extract fetch fill final first following for format from full global group
grouping having ilike in inner interpolate intersect interval into is join last left like limit materialized not null
nulls offset on or order outer over paste partition pipeline preceding prewhere qualify range recursive right rollup row
rows sample select semi sets settings show step syntax table tables then ties to totals tree unbounded union using values
view when where window with`;

const types =
  `array bool date date32 datetime datetime64 decimal dynamic enum8 enum16 fixedstring float32 float64 int8
int16 int32 int64 int128 ipv4 ipv6 json lowcardinality map nullable string time tuple uint8 uint16 uint32 uint64 uint128
uuid variant day hour minute month quarter second week year`;

/** Those that queries over events use; the editor offers them, and ClickHouse has a thousand more. */
export const functions = [
  ...["any", "argMax", "argMin", "arrayJoin", "arrayMap", "avg", "avgIf", "coalesce", "corr"],
  ...["count", "countIf", "cityHash64", "dateDiff", "formatReadableQuantity", "groupArray", "if"],
  ...["ifNull", "length", "max", "maxIf", "min", "minIf", "multiIf", "notEmpty", "now", "now64"],
  ...["nullIf", "quantile", "quantileIf", "quantiles", "round", "stddevSamp", "sum", "sumIf"],
  ...["toDate", "toDateTime", "toInt64", "toIntervalDay", "toStartOfDay", "toStartOfHour"],
  ...["toStartOfInterval", "toStartOfMinute", "toStartOfMonth", "toStartOfWeek", "toString"],
  ...["today", "uniq", "uniqExact", "uniqIf", "varSamp", "windowFunnel", "yesterday"],
];

export const clickHouse = SQLDialect.define({
  keywords: onOneLine(keywords),
  types: onOneLine(types),
  builtin: functions.join(" ").toLowerCase(),
  backslashEscapes: true,
  hashComments: false,
  slashComments: false,
  doubleQuotedStrings: false,
  identifierQuotes: '`"',
  operatorChars: "*+-%<>!=&|~^/?:",
});

/** @param {string} words */
function onOneLine(words) {
  return words.replaceAll("\n", " ");
}
