/** Formats generated text as `deno fmt` has it, so that it passes the same check as what people write. */
import { fileURLToPath } from "node:url";

export async function formatText(text: string, extension: "json" | "md"): Promise<string> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", extension, "-"],
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = process.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(text)).then(() => writer.close());
  const { success, stdout } = await process.output();
  await written;
  if (!success) throw new Error("Cannot format the text; deno fmt said why above");
  return new TextDecoder().decode(stdout);
}
