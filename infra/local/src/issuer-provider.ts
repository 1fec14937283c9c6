import { readFileSync, writeFileSync } from "node:fs";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import Provider, { type Configuration, type ResourceServer } from "oidc-provider";
import type { DemoUser } from "./demo-users.ts";
import { DEVELOPMENT_GRANT, TOKEN_CLIENT } from "./issuer-names.ts";

const RESOURCE = "urn:shouwang";
const RESOURCE_SERVER = {
  audience: "shouwang",
  scope: "shouwang",
  accessTokenFormat: "jwt",
  accessTokenTTL: 3_600,
  jwt: { sign: { alg: "ES256" } },
} satisfies ResourceServer;

export type IssuerSettings = {
  issuer: string;
  /** Where the signing key is kept, so that a token outlives a restart. */
  keysFile: string;
  /** Signs the cookies of the sign-in page. */
  cookieKey: string;
  /** Where the console is served. */
  consoleOrigin: string;
  users: readonly DemoUser[];
};

/** An OpenID provider for development: anybody is whom they choose to be. It refuses to run in production. */
export async function createProvider(settings: IssuerSettings): Promise<Provider> {
  const users = new Map(settings.users.map((user) => [user.sub, user]));
  const configuration: Configuration = {
    jwks: { keys: [await signingKey(settings.keysFile)] },
    cookies: { keys: [settings.cookieKey] },
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    clients: [
      {
        client_id: "shouwang-console",
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        redirect_uris: consoleAddresses(settings.consoleOrigin, "/sign-in"),
        post_logout_redirect_uris: consoleAddresses(settings.consoleOrigin, "/"),
      },
      {
        client_id: TOKEN_CLIENT,
        token_endpoint_auth_method: "none",
        grant_types: [DEVELOPMENT_GRANT],
        response_types: [],
        redirect_uris: [],
      },
    ],
    clientBasedCORS: (_context, origin) => consoleAddresses(settings.consoleOrigin, "").includes(origin),
    pkce: { required: () => true },
    scopes: ["openid", "offline_access"],
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => RESOURCE_SERVER,
      },
    },
    renderError: (context, { error, error_description }) => {
      context.type = "text/plain; charset=utf-8";
      context.body = `登录未能完成。 / The sign-in did not succeed.\n${error}: ${error_description ?? ""}`;
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, sub) => (users.has(sub) ? { accountId: sub, claims: () => ({ sub }) } : undefined),
    // The console is ours, so nobody is asked to consent to it.
    loadExistingGrant: async ({ oidc }) =>
      oidc.client && oidc.session?.accountId ? grantTo(oidc.provider, oidc.client.clientId, oidc.session.accountId) : undefined,
    extraTokenClaims: (_context, token) => ("accountId" in token ? claimsOf(users.get(String(token.accountId))) : undefined),
    ttl: { AccessToken: 3_600, Grant: 86_400, Interaction: 3_600, Session: 86_400, IdToken: 3_600 },
  };
  const provider = new Provider(settings.issuer, configuration);
  allowDevelopmentGrant(provider, settings.users);
  return provider;
}

async function grantTo(provider: Provider, clientId: string, accountId: string) {
  const grant = new provider.Grant({ clientId, accountId });
  grant.addOIDCScope("openid offline_access");
  grant.addResourceScope(RESOURCE, RESOURCE_SERVER.scope);
  await grant.save();
  return grant;
}

/** A token for a named demo user straight from the token endpoint, for scripts and the command line. */
function allowDevelopmentGrant(provider: Provider, users: readonly DemoUser[]): void {
  provider.registerGrantType<{ user?: string }>(
    DEVELOPMENT_GRANT,
    async (context) => {
      const user = users.find(({ id }) => id === context.oidc.params.user);
      if (!user) {
        context.status = 400;
        context.body = { error: "invalid_grant", error_description: "unknown demo user" };
        return;
      }
      const { client } = context.oidc;
      const { jti: grantId } = await grantTo(provider, client.clientId, user.sub);
      const token = new provider.AccessToken({
        client,
        accountId: user.sub,
        grantId,
        scope: RESOURCE_SERVER.scope,
        gty: "development",
      });
      token.resourceServer = new provider.ResourceServer(RESOURCE, RESOURCE_SERVER);
      context.body = { access_token: await token.save(), token_type: "Bearer", expires_in: RESOURCE_SERVER.accessTokenTTL };
    },
    ["user"],
  );
}

const claimsOf = (user: DemoUser | undefined) =>
  user && {
    sw_roles: user.roles,
    sw_region: user.region,
    ...(user.department === undefined ? {} : { sw_department: user.department }),
    ...(user.counties === undefined ? {} : { sw_counties: user.counties }),
  };

/** The console may be opened under either name of this machine. */
function consoleAddresses(origin: string, path: string): string[] {
  const { port } = new URL(origin);
  return ["localhost", "127.0.0.1"].map((host) => `http://${host}:${port}${path}`);
}

async function signingKey(file: string): Promise<JWK & { kty: string }> {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = { kty: "EC", ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: crypto.randomUUID() };
    writeFileSync(file, JSON.stringify(jwk), { mode: 0o600 });
    return jwk;
  }
}
