/** A call of a tool that a model asks for, and the pieces in which it comes. Whoever asked the model carries it out. */

export interface ToolCall {
  id: string;
  name: string;
  /** JSON, as the model wrote it. */
  arguments: string;
}

/** A piece of the call with this number, from 0: the first one tells its id and name, all of them add to its arguments. */
export interface ToolCallDelta {
  index: number;
  id?: string;
  name?: string;
  arguments: string;
}

/** @returns The calls with one piece more. */
export function addToolCallDelta(
  calls: readonly ToolCall[],
  { index, id, name, arguments: text }: ToolCallDelta,
): ToolCall[] {
  const added = [...calls];
  // A provider may leave a number out; what it means is the order.
  const place = Math.min(index, calls.length);
  const call = calls[place] ?? { id: "", name: "", arguments: "" };
  added[place] = {
    id: call.id || (id ?? ""),
    name: call.name || (name ?? ""),
    arguments: call.arguments + text,
  };
  return added;
}
