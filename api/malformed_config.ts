/** What of `turnlog.yaml` does not have its shape, in words that say what may stand there. */
import { z } from "zod";
import { configSchema } from "./config_schema.ts";
import type { ConfigMistake } from "./readable_config.ts";

/** @returns A mistake for each setting, also where one issue has several. */
export function malformed(error: z.ZodError | undefined): ConfigMistake[] {
  return (error?.issues ?? []).flatMap((issue): ConfigMistake[] => {
    const { path } = issue;
    if (issue.code !== "unrecognized_keys") return [{ path, message: messageOf(issue) }];
    const allowed = settingsAt(path).join(", ");
    const message = `there is no such setting; there may be ${allowed}`;
    return issue.keys.map((key) => ({ path: [...path, key], message }));
  });
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_key") return issue.issues[0].message;
  return issue.message.replace(
    /^Invalid input: (.*), received undefined$/,
    "is missing: $1",
  );
}

/** @returns The names of the settings that the schema has at the path. */
function settingsAt(path: PropertyKey[]): string[] {
  let schema: z.core.$ZodType = configSchema;
  for (const name of path) {
    const outer = unwrapped(schema);
    if (outer instanceof z.ZodObject) schema = outer.shape[String(name)];
    else if (outer instanceof z.ZodRecord) schema = outer.valueType;
  }
  const found = unwrapped(schema);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

/** What is behind a default, or may be left out. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  return isWrapped ? unwrapped(schema.unwrap()) : schema;
}
