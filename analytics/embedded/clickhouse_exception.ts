/** Errors as ClickHouse tells them: a code, a text and its name, and the HTTP status that goes with the code. */

/** `Code: 62. DB::Exception: Syntax error … (SYNTAX_ERROR)`, without the `(version …)` that the engine may add. */
const exceptionText = /^Code: (\d+)\. (?:DB::)?Exception: /;

/** Any error that a client of the embedded server is told, in ClickHouse's own words. */
export class ClickHouseException extends Error {
  override name = "ClickHouseException";
  readonly code: number;

  /** @param message Begins with `Code: <code>. DB::Exception: ` and ends with the code's name in brackets. */
  private constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }

  /** An error that the engine reported. */
  static fromEngine(message: string): ClickHouseException {
    const code = exceptionText.exec(message)?.[1];
    return code === undefined
      ? ClickHouseException.of("STD_EXCEPTION", message)
      : new ClickHouseException(Number(code), message.trimEnd());
  }

  /** An error of the server around the engine. */
  static of(name: keyof typeof exceptionCodes, text: string): ClickHouseException {
    const code = exceptionCodes[name];
    return new ClickHouseException(code, `Code: ${code}. DB::Exception: ${text}. (${name})`);
  }
}

/** The codes that the server itself uses, by ClickHouse's names. */
const exceptionCodes = {
  BAD_ARGUMENTS: 36,
  NOT_IMPLEMENTED: 48,
  SYNTAX_ERROR: 62,
  READONLY: 164,
  QUERY_IS_TOO_LARGE: 229,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  SOCKET_TIMEOUT: 209,
  ABORTED: 236,
  QUERY_WAS_CANCELLED: 394,
  ACCESS_DENIED: 497,
  AUTHENTICATION_FAILED: 516,
  UNSUPPORTED_MEDIA_TYPE: 779,
  STD_EXCEPTION: 1001,
} as const;

/** As ClickHouse's `exceptionCodeToHTTPStatus`, but that too many queries are the 503 which HTTP clients understand. */
const httpStatuses: [status: number, codes: number[]][] = [
  [401, [194]],
  [403, [192, 193, 497, 512, 516]],
  // deno-fmt-ignore
  [400, [6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427, 441, 675, 676]],
  [404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511]],
  [408, [159]],
  [413, [229]],
  [415, [779]],
  [501, [48]],
  [503, [76, 202, 209, 236, 439]],
];

/** @returns The HTTP status for an exception's code; 500 where ClickHouse has no other. */
export function httpStatusOf(code: number): number {
  return httpStatuses.find(([, codes]) => codes.includes(code))?.[0] ?? 500;
}
