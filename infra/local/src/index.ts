export { type ComposeService, interpolate, readComposeFile } from "./compose-file.ts";
export { type DemoUser, demoUsers } from "./demo-users.ts";
export {
  asAdmin,
  createDepartmentDatabase,
  type DepartmentDatabase,
  type DepartmentUrls,
  departmentUrls,
} from "./department-database.ts";
export { type Issuer, type IssuerOptions, requestToken, startIssuer } from "./issuer.ts";
export { freePort, LOOPBACK } from "./loopback.ts";
export { type NatsOptions, startNats } from "./nats.ts";
export { type NodeProcess, type RunningProcess, startNode } from "./node-process.ts";
export { type PostgresHandle, type PostgresOptions, type ServerHandle, startPostgres } from "./postgres.ts";
export { isAlive, rememberedProcess, rememberProcess, stopProcess } from "./process-identity.ts";
export { StartProblem } from "./start-problem.ts";
