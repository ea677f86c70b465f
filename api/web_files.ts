/**
 * Serves the web app as it lies in `web/`, without a build step: modules of the contract come with their types stripped,
 * and packages from where they are installed, those files alone that `web/vendor.json` names.
 */
import type { MiddlewareHandler } from "hono";
import { createHash } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";

const root = new URL("../", import.meta.url);

const contentTypes: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  ts: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  woff2: "font/woff2",
};

const ownFile = /^\/web\/[a-z0-9_/]+\.(js|css|svg|png|woff2)$/;
const contractFile = /^\/events\/contract\/[a-z0-9_]+\.ts$/;
/** The app's addresses, which the app itself reads. */
const appAddress = /^\/($|c\/|analytics($|\/)|operations$)/;
const indexFile = new URL("web/index.html", root);

/** @returns A handler that answers for files and the app's addresses, and passes on everything else. */
export async function webFiles(): Promise<MiddlewareHandler> {
  const vendor: Record<string, string> = JSON.parse(
    await Deno.readTextFile(new URL("web/vendor.json", root)),
  );
  const files = new FileCache();
  return async (context, next) => {
    const { path, method } = context.req;
    const location = method === "GET" || method === "HEAD" ? locate(path, vendor) : undefined;
    const file = location && await files.read(location);
    if (file === undefined) return await next();
    const headers = { ...securityHeaders(await files.read(indexFile)), ...file.headers };
    if (context.req.header("if-none-match") === file.headers.etag) {
      return context.body(null, 304, headers);
    }
    if (method === "HEAD") return context.body(null, 200, headers);
    return context.body(file.body, 200, headers);
  };
}

function locate(path: string, vendor: Record<string, string>): URL | undefined {
  if (appAddress.test(path)) return indexFile;
  const name = path.startsWith("/vendor/") ? path.slice("/vendor/".length) : "";
  if (Object.hasOwn(vendor, name)) return new URL(`node_modules/${vendor[name]}`, root);
  return ownFile.test(path) || contractFile.test(path) ? new URL(`.${path}`, root) : undefined;
}

interface WebFile {
  body: Uint8Array<ArrayBuffer>;
  headers: { "content-type": string; "cache-control": string; etag: string };
  modified: number;
}

/** Files as they are sent, read again when they change. */
class FileCache {
  readonly #files = new Map<string, WebFile>();

  /** @returns Undefined where there is no such file. */
  async read(location: URL): Promise<WebFile | undefined> {
    let modified: number;
    try {
      modified = (await Deno.stat(location)).mtime?.getTime() ?? 0;
    } catch {
      return undefined;
    }
    const known = this.#files.get(location.href);
    if (known?.modified === modified) return known;
    const file = await load(location, modified);
    this.#files.set(location.href, file);
    return file;
  }
}

async function load(location: URL, modified: number): Promise<WebFile> {
  const extension = location.pathname.split(".").at(-1)!;
  let body = await Deno.readFile(location);
  if (extension === "ts") {
    body = new TextEncoder().encode(stripTypeScriptTypes(new TextDecoder().decode(body)));
  }
  return {
    body,
    modified,
    headers: {
      "content-type": contentTypes[extension],
      // Asked for again at each load, and then answered by its tag: a new version is there at once.
      "cache-control": "no-cache",
      etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
    },
  };
}

/** Nothing from elsewhere runs in the app; the one script in the page itself is its import map, by its hash. */
function securityHeaders(index: WebFile | undefined): Record<string, string> {
  const page = new TextDecoder().decode(index?.body);
  const importMap = /<script type="importmap">([\s\S]*?)<\/script>/.exec(page)?.[1] ?? "";
  const hash = createHash("sha256").update(importMap).digest("base64");
  return {
    "content-security-policy": [
      "default-src 'none'",
      `script-src 'self' 'sha256-${hash}'`,
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "manifest-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  };
}
