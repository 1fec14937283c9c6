export { type Broker, freshNats, natsUrl } from "./broker.ts";
export { cloneDatabase, freshDatabase, type TestDatabase, templateDatabase } from "./databases.ts";
export { signToken, type TokenClaims, testIssuer } from "./issuer.ts";
export { freshPostgres, type OwnPostgres } from "./postgres.ts";
export { type Child, startProcess } from "./process.ts";
export { type Line, openProxy, through } from "./proxy.ts";
export { until } from "./until.ts";
