import { hash } from "node:crypto";
import { type Refusal, refuse } from "@shouwang/contract";
import { IssuerAway, NotSignedIn, type Principal, type TokenVerifier } from "@shouwang/service-kit";

/** Says who carries an `Authorization` header, or why nobody can be let in. */
export type SignIn = (
  authorization: string | undefined,
) => Promise<Principal | Refusal<"not-signed-in" | "dependency-unavailable">>;

const cachedForMs = 60_000;
const mostCached = 10_000;

/**
 * The check at the door. A good token is remembered by its SHA-256 hash for at most a minute and never past its expiry, so that one
 * signature is not verified a hundred times; a bad one is never remembered. Every service verifies again.
 * @param now real time in milliseconds: a token's life is never counted on the business clock
 */
export function signInWith(verify: TokenVerifier, now: () => number): SignIn {
  const known = new Map<string, { principal: Principal; goodUntil: number }>();
  return async (authorization) => {
    const token = /^Bearer ([\w.~+/-]{1,8000}=*)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) return refuse("not-signed-in");
    const print = hash("sha256", token, "base64url");
    const before = known.get(print);
    if (before && now() < before.goodUntil) return before.principal;
    known.delete(print);
    try {
      const { principal, expiresAt } = await verify(token);
      known.set(print, { principal, goodUntil: Math.min(now() + cachedForMs, expiresAt) });
      const oldest = known.keys().next().value;
      if (known.size > mostCached && oldest !== undefined) known.delete(oldest);
      return principal;
    } catch (error) {
      if (error instanceof NotSignedIn) return refuse("not-signed-in");
      if (!(error instanceof IssuerAway)) throw error;
      return refuse("dependency-unavailable", {
        detail: { zh: "登录服务暂时无法连接", en: "The sign-in service cannot be reached" },
      });
    }
  };
}
