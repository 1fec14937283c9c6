/** Imports point one way: regions, plan <- contract <- service-kit <- services <- test; infra/local stands beside them and imports none. */
const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });
const tests = "\\.test\\.ts$|\\.testing\\.ts$|/testing\\.ts$|/testing/";
module.exports = {
  forbidden: [
    rule("no-cycles", "A cycle hides which module decides.", {}, { circular: true }),
    rule(
      "regions-and-plan-are-leaves",
      "Data packages import nothing of ours.",
      { path: "^packages/(regions|plan)/" },
      { path: "^(packages/(?!regions|plan)|services|infra|test)" },
    ),
    rule(
      "contract-knows-no-machinery",
      "The contract imports zod, regions and plan only.",
      { path: "^packages/contract/src/" },
      { path: "^(packages/(service-kit|sdk|testkit)|services|infra|test)" },
    ),
    rule(
      "kit-is-blind-to-services",
      "The kit knows no department.",
      { path: "^packages/service-kit/" },
      { path: "^(services|test)/" },
    ),
    rule(
      "services-are-islands",
      "Departments meet in events only.",
      { path: "^services/([^/]+)/" },
      { path: "^services/", pathNot: "^services/$1/" },
    ),
    rule(
      "infra-imports-nothing-of-ours",
      "The runner starts processes; it does not link them.",
      { path: "^infra/local/" },
      { path: "^(packages|services|test)/" },
    ),
    rule(
      "decide-is-pure",
      "Rules see the contract, the plan and each other; no SQL, no HTTP, no clock, no library.",
      { path: "(^|[/-])decide\\.ts$" },
      {
        pathNot: [
          "^packages/(contract|plan|regions)/",
          "(decide|/code-lists)\\.ts$",
          "^packages/service-kit/src/(calendar|identity[a-z-]*|parameter-value|principal)\\.ts$",
        ],
      },
    ),
    rule(
      "sql-lives-in-stores",
      "Kysely and pg are imported by store, projection, reaction and db files only.",
      { path: "^services/[^/]+/src/", pathNot: `(^|[/-])(store|projection|reaction|db)\\.ts$|${tests}` },
      { path: "node_modules/(kysely|pg)/" },
    ),
    rule(
      "stores-know-no-http",
      "Below a store stand rules and tables; what is asked and shown stands above it.",
      { path: "^services/[^/]+/src/.*(store|projection|reaction)\\.ts$" },
      { path: "(^|[/-])(http|views)\\.ts$|node_modules/@?hono/" },
    ),
    rule(
      "contract-needs-zod-alone",
      "Whoever reads the contract gets no library but zod along with it.",
      { path: "^packages/contract/src/", pathNot: tests },
      { path: "node_modules/(?!zod/)" },
    ),
    rule(
      "tests-stay-tests",
      "Nothing that runs imports what only tests need.",
      { path: "^(packages/(?!testkit)|services|infra)", pathNot: tests },
      { path: `${tests}|^packages/testkit/|^test/` },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(packages|services)/[^/]+/dist/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      extensions: [".ts", ".js", ".mjs", ".cjs"],
    },
    tsConfig: { fileName: "tsconfig.base.json" },
  },
};
