/** The sign-in of an operator in a browser: a signed cookie that no script can read and no other site can send. */
import type { Context } from "hono";
import { deleteCookie, getSignedCookie, setSignedCookie } from "hono/cookie";
import { createHmac } from "node:crypto";
import { isSecure } from "./user.ts";

const cookieName = "turnlog_operator";
const sessionHours = 12;

export interface SessionKeys {
  secret: string;
  operatorToken: string;
}

/** @returns What tells this sign-in from others. */
export async function beginOperatorSession(context: Context, keys: SessionKeys): Promise<string> {
  const session = crypto.randomUUID().slice(0, 8);
  const seconds = sessionHours * 3600;
  const value = `${session}.${Date.now() + seconds * 1000}`;
  await setSignedCookie(context, cookieName, value, signingKey(keys), {
    ...cookiePlace(context),
    maxAge: seconds,
  });
  return session;
}

export function endOperatorSession(context: Context): void {
  deleteCookie(context, cookieName, cookiePlace(context));
}

/** @returns Null where there is none, or its time is over. */
export async function readOperatorSession(
  context: Context,
  keys: SessionKeys,
): Promise<string | null> {
  const value = await getSignedCookie(context, signingKey(keys), cookieName);
  if (!value) return null;
  const [session, untilMs] = value.split(".");
  return Number(untilMs) > Date.now() ? session : null;
}

/** Whoever changes the token ends all sessions. */
function signingKey({ secret, operatorToken }: SessionKeys): string {
  return createHmac("sha256", secret).update(`operator ${operatorToken}`).digest("hex");
}

function cookiePlace(context: Context) {
  return {
    httpOnly: true,
    sameSite: "Strict",
    path: "/api",
    secure: isSecure(context.req.raw),
  } as const;
}
