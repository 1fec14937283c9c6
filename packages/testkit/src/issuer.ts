import { createServer } from "node:http";
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { provided } from "./provided.ts";

const ALGORITHM = "ES256";

/** A key, and a real HTTP server that publishes its public half the way an OpenID provider does. */
export async function serveIssuer(): Promise<{ issuer: string; jwksUrl: string; signingKey: JWK; close(): Promise<void> }> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const named = { kid: "test", alg: ALGORITHM, use: "sig" };
  const keys = [{ ...(await exportJWK(publicKey)), ...named }];
  const server = createServer((request, response) => {
    const body =
      request.url === "/jwks" ? { keys } : request.url === "/.well-known/openid-configuration" ? discovery() : undefined;
    response.writeHead(body ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const discovery = () => ({ issuer, jwks_uri: `${issuer}/jwks`, id_token_signing_alg_values_supported: [ALGORITHM] });
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections());
  return { issuer, jwksUrl: `${issuer}/jwks`, signingKey: { ...(await exportJWK(privateKey)), ...named }, close };
}

/** The issuer whose tokens `signToken` makes. */
export const testIssuer = (): { issuer: string; jwksUrl: string; audience: string } => {
  const { issuer, jwksUrl } = provided();
  return { issuer, jwksUrl, audience: "shouwang" };
};

/** The claims of an access token that decide what its bearer may do. */
export type TokenClaims = {
  sub: string;
  /** Such as `county-officer`. */
  sw_roles: string[];
  /** A prefix of the administrative code: 45, 4512, 451228, or 9 or 12 digits. */
  sw_region: string;
  sw_department?: string;
  sw_counties?: string[];
};

/** An access token good for one hour. Any claim, `iss`, `aud` and `exp` among them, can be given to make a bad one. */
export async function signToken(claims: TokenClaims & JWTPayload): Promise<string> {
  const { issuer, signingKey } = provided();
  const now = Math.floor(Date.now() / 1_000);
  const standard = { iss: issuer, aud: "shouwang", iat: now, exp: now + 3_600, jti: crypto.randomUUID() };
  return new SignJWT({ ...standard, ...claims })
    .setProtectedHeader({ alg: ALGORITHM, kid: "test", typ: "at+jwt" })
    .sign(await importJWK(signingKey, ALGORITHM));
}
