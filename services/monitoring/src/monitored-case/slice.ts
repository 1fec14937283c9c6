import { slice } from "../kit.ts";
import { countyApproval, recordNationalEntry } from "./approval.ts";
import { caseBulks } from "./bulk.ts";
import { identificationTimes } from "./clauses.ts";
import { proposeClearanceRoute } from "./clearance.ts";
import { listCasesRoute, openCase, readCase } from "./http.ts";
import { answerObjection, objectToCase } from "./objection.ts";
import { authoriseCase, compareCase } from "./papers.ts";
import { postCase, townshipCheck, villageReview } from "./review.ts";

export const monitoredCaseSlice = slice({
  name: "monitored-case",
  title: { zh: "监测对象认定", en: "Monitored cases" },
  routes: [
    openCase,
    authoriseCase,
    compareCase,
    villageReview,
    postCase,
    objectToCase,
    answerObjection,
    townshipCheck,
    recordNationalEntry,
    countyApproval,
    proposeClearanceRoute,
    listCasesRoute,
    readCase,
  ],
  bulks: caseBulks,
  clauses: [identificationTimes],
});
