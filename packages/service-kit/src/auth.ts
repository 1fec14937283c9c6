import { Role } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import type { Principal } from "./principal.ts";

/** Claims of an access token; whatever else a token carries is nothing to us. */
const Claims = z.object({
  iss: z.string(),
  sub: z.string().min(1).max(200),
  exp: z.number(),
  sw_roles: z.array(z.string()).max(20),
  sw_region: z.string().refine(isArea),
  sw_department: z.string().max(60).optional(),
  sw_counties: z
    .array(z.string().regex(/^\d{6}$/))
    .max(200)
    .optional(),
});

export type Verified = { principal: Principal; expiresAt: number };

/** The token is not good: absent, forged, expired, for another audience. The reason is for the log only. */
export class NotSignedIn extends Error {}
/** The issuer's keys could not be had: nobody can be told apart from anybody. */
export class IssuerAway extends Error {}

export type TokenVerifier = (token: string) => Promise<Verified>;

/**
 * Verifies OIDC access tokens by the issuer's published keys: signature (RS256, ES256 or EdDSA, nothing else), issuer, audience, times (60 s of skew).
 * Keys are cached and fetched again when a token names one that is not known (rotation).
 * @param jwksUrl where the keys are; found by discovery when absent
 */
export function tokenVerifier(options: { issuer: string; audience: string; jwksUrl?: string | undefined }): TokenVerifier {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const findKeys = async (): Promise<JWTVerifyGetKey> => {
    const url = options.jwksUrl ?? (await discover(options.issuer));
    return createRemoteJWKSet(new URL(url), { cooldownDuration: 5_000, cacheMaxAge: 600_000, timeoutDuration: 3_000 });
  };
  return async (token) => {
    keys ??= findKeys();
    let keySet: JWTVerifyGetKey;
    try {
      keySet = await keys;
    } catch (error) {
      keys = undefined;
      throw new IssuerAway("discovery failed", { cause: error });
    }
    try {
      const { payload } = await jwtVerify(token, keySet, {
        issuer: options.issuer,
        audience: options.audience,
        algorithms: ["RS256", "ES256", "EdDSA"],
        clockTolerance: 60,
        requiredClaims: ["exp", "sub"],
      });
      const claims = Claims.parse(payload);
      return {
        principal: {
          issuer: claims.iss,
          subject: claims.sub,
          roles: claims.sw_roles.flatMap((role) => Role.safeParse(role).data ?? []),
          region: claims.sw_region,
          ...(claims.sw_department === undefined ? {} : { department: claims.sw_department }),
          ...(claims.sw_counties === undefined ? {} : { counties: claims.sw_counties }),
        },
        expiresAt: claims.exp * 1000,
      };
    } catch (error) {
      if (keysAway(error)) throw new IssuerAway("keys could not be fetched", { cause: error });
      throw new NotSignedIn(error instanceof Error ? error.name : "unknown");
    }
  };
}

/** The issuer gave no keys: no answer, none in time, or one that is no key set. The last has only the library's general code. */
function keysAway(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  if (error instanceof errors.JOSEError) return error.code === "ERR_JOSE_GENERIC";
  return error instanceof TypeError && error.message === "fetch failed";
}

/** Whether row-level security can make bounds of it. */
function isArea(region: string): boolean {
  try {
    return rangeOf(region).lo.length > 0;
  } catch {
    return false;
  }
}

async function discover(issuer: string): Promise<string> {
  const response = await fetch(new URL(".well-known/openid-configuration", issuer.endsWith("/") ? issuer : `${issuer}/`), {
    signal: AbortSignal.timeout(3_000),
  });
  if (!response.ok) throw new Error(`discovery answered ${response.status}`);
  return z.object({ jwks_uri: z.url() }).parse(await response.json()).jwks_uri;
}
