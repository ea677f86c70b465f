/** The browser of the browser test: the one that is there, else Debian's. */
import { outputOf, runCommand } from "./run_command.ts";

const candidates = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * @param environment For the tool that installs it.
 * @returns The path of a Chromium or Chrome, installed first where that is possible; else why there is none.
 */
export async function findChromium(
  environment: Record<string, string>,
): Promise<string | { reason: string }> {
  const found = candidates.find(isFile);
  if (found) return found;
  if (await outputOf("apt-get", ["--version"]) === null || Deno.uid() !== 0) {
    return { reason: "no Chromium is installed, and only root on Debian can install it here" };
  }
  console.log("Installing Chromium from Debian's packages, usually half a minute");
  const quietly = { ...environment, DEBIAN_FRONTEND: "noninteractive" };
  try {
    await runCommand({ command: "apt-get", args: ["update", "-qq"], environment: quietly });
    await runCommand({
      command: "apt-get",
      args: ["install", "-y", "-qq", "--no-install-recommends", "chromium"],
      environment: quietly,
    });
  } catch (error) {
    return {
      reason: `Chromium could not be installed: ${error instanceof Error ? error.message : error}`,
    };
  }
  return candidates[0];
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
