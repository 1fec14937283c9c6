/** Imports point one way: regions, plan <- contract <- service-kit <- services <- test; infra/local stands beside them and imports none. */
const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });
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
      "Rules see the contract, the plan and each other; no SQL, no HTTP, no clock.",
      { path: "decide\\.ts$" },
      {
        pathNot: [
          "^packages/(contract|plan|regions)/",
          "(decide|/code-lists)\\.ts$",
          "^packages/service-kit/src/(calendar|identity[a-z-]*|parameter-value)\\.ts$",
          "node_modules/zod/",
        ],
      },
    ),
    rule(
      "sql-lives-in-stores",
      "Kysely and pg are imported by store, projection, reaction, job and db files only.",
      { path: "^services/[^/]+/src/", pathNot: "(store|projection|reaction|job|db|seed|\\.test|\\.testing)\\.ts$" },
      { path: "node_modules/(kysely|pg)/" },
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
