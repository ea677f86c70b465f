/**
 * Keeps web pages away. A page of any site can send requests to an address of its visitor's own machine, and a name
 * whose owner lets it point there (DNS rebinding) even makes that page's origin the server's; so a browser may come from
 * a page of this server only, and only under an address or a name that nobody else can own.
 */
import { isIP } from "node:net";

/**
 * @param allowedHosts Further names under which the server is reached, such as a container's.
 * @returns What is wrong with the request, null where it may pass.
 */
export function refuseForeign(request: Request, allowedHosts: readonly string[]): string | null {
  const host = request.headers.get("host") ?? "";
  const { hostname } = URL.parse(`http://${host}`) ?? { hostname: "" };
  const isOwn = hostname === "localhost" || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0 ||
    allowedHosts.includes(hostname);
  if (!isOwn) {
    return `the host name ${hostname || "(none)"} is not known here. ` +
      "Use the server's IP address, or add the name to TURNLOG_CLICKHOUSE_ALLOWED_HOSTS";
  }
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  const isForeign = origin !== null && URL.parse(origin)?.host !== host ||
    site === "cross-site" || site === "same-site";
  return isForeign ? "web pages of other origins may not use this server" : null;
}
