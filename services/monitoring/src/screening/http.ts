import { slice } from "../kit.ts";
import { dryRun, listDryFindings } from "./dry-run.ts";
import { endScreeningRule, listScreeningRules, setScreeningRule } from "./rule-http.ts";
import { listScreeningRuns, readScreeningRun, refreshFacts, screeningRunJob, startScreening } from "./screening-run.ts";
import { simulateScreening } from "./simulate.ts";

/** M-01: rules over what is known of households, which propose leads; tried before they run, and simulated before they are signed. */
export const screeningSlice = slice({
  name: "screening",
  title: { zh: "部门预警规则", en: "Early-warning rules over department feeds" },
  routes: [
    listScreeningRules,
    setScreeningRule,
    endScreeningRule,
    dryRun,
    listDryFindings,
    startScreening,
    listScreeningRuns,
    readScreeningRun,
    simulateScreening,
  ],
  jobs: [screeningRunJob],
  schedules: [refreshFacts],
});
