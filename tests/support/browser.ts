/** The browser of the tests that need one. */
import { type Browser, chromium } from "playwright-core";

const executablePath = Deno.env.get("TURNLOG_CHROMIUM");

/** Of tests that need it. The test runner says why they are left out, and never does so in an automatic run. */
export const withBrowser = { ignore: executablePath === undefined };

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });
}
