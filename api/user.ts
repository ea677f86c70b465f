/** Who asks. Each browser is a user of its own, known by a signed cookie that no script can read. */
import type { MiddlewareHandler } from "hono";
import { getSignedCookie, setSignedCookie } from "hono/cookie";
import { createHmac } from "node:crypto";
import type { ApiEnvironment } from "./router.ts";

/** There is one tenant until several are needed; every event names it. */
export const tenant = "default";

const cookieName = "turnlog_user";
/** The longest that browsers keep a cookie. */
const cookieDays = 400;

/** @param secret Signs the cookie and hides the user's id in events; whoever changes it makes everyone a new user. */
export function identifyUser(secret: string): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    let userId = await getSignedCookie(context, secret, cookieName);
    if (!userId) {
      userId = crypto.randomUUID();
      await setSignedCookie(context, cookieName, userId, secret, {
        httpOnly: true,
        sameSite: "Lax",
        path: "/",
        maxAge: cookieDays * 86_400,
        secure: isSecure(context.req.raw),
      });
    }
    context.set("userKey", userKeyOf(userId, secret));
    await next();
  };
}

/** @returns What events call the user: an HMAC, from which the id cannot be found. */
export function userKeyOf(userId: string, secret: string): string {
  return createHmac("sha256", secret).update(`user ${userId}`).digest("hex").slice(0, 32);
}

/** @returns Whether the browser speaks HTTPS, to this process or to a proxy before it. */
export function isSecure(request: Request): boolean {
  return new URL(request.url).protocol === "https:" ||
    request.headers.get("x-forwarded-proto") === "https";
}
