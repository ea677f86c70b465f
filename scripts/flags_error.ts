/** The flags of a command cannot be used; the message says which and why. */
export class FlagsError extends Error {
  override name = "FlagsError";
}
