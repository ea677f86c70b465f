/** Keeps other sites' pages out where Turnlog listens on loopback: a site can give its own name the address 127.0.0.1. */
import type { MiddlewareHandler } from "hono";
import { ProblemError } from "./problem.ts";

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** @param host The address on which the server listens; on any other than loopback, the network decides who may come. */
export function guardHost(host: string): MiddlewareHandler {
  const isGuarded = isLoopback(host);
  return async (context, next) => {
    const name = context.req.header("host") ?? "";
    if (isGuarded && !loopback.test(name)) {
      throw new ProblemError(
        "unknown-host",
        `This server listens on ${host} alone and was called ${name}. Call it by that address, or ` +
          "set TURNLOG_HOST to listen to others",
      );
    }
    await next();
  };
}

/** @returns Whether only this machine reaches a server that listens on this address. */
export function isLoopback(host: string): boolean {
  return loopback.test(host) || host === "::1";
}
