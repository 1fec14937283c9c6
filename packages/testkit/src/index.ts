export { type Broker, freshNats, natsUrl } from "./broker.ts";
export { cloneDatabase, freshDatabase, type TestDatabase, templateDatabase } from "./databases.ts";
export { signToken, type TokenClaims, testIssuer } from "./issuer.ts";
export { until } from "./until.ts";
