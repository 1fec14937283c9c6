import {
  EmploymentAuditHeadPublished,
  EmploymentDeadlineOverdue,
  EmploymentIndicatorFrozen,
  EmploymentParameterChanged,
} from "@shouwang/contract";
import { defineService, paymentReader } from "@shouwang/service-kit";
import { countyLists } from "./county-list/projection.ts";
import type { DB } from "./db.ts";
import { employerSlice } from "./employer/http.ts";
import { slice } from "./kit.ts";
import { labourRollSlice } from "./labour-roll/http.ts";
import { labourSettler, labourSubsidySlice } from "./labour-subsidy/http.ts";
import { plannedDepartureSlice } from "./planned-departure/http.ts";
import { postHolderSlice } from "./post-holder/http.ts";
import { postOverlapSlice } from "./post-overlap/http.ts";
import { postPaySlice } from "./post-pay/http.ts";
import { postPaySettler } from "./post-pay/line.ts";
import { publicWelfarePostSlice } from "./public-welfare-post/http.ts";
import { registrySlice } from "./registry/http.ts";
import { sealed, unsealed } from "./sealed.ts";
import { transportSettler, transportSubsidySlice } from "./transport-subsidy/http.ts";
import { workImportSlice } from "./work-import/http.ts";
import { workRecordSlice } from "./work-record/http.ts";
import { workSuspectSlice } from "./work-suspect/http.ts";

/** What this department reads of others beside the registry: lists of counties, and what became of the payments it asked for. */
const readingSlice = slice({
  name: "reading",
  title: { zh: "外部门消息", en: "What other departments say" },
  readers: [countyLists, paymentReader<DB>("employment", [transportSettler, labourSettler, postPaySettler])],
});

/** Plan part 2: who is at work where, and what is paid for it. */
export const employment = defineService<DB>({
  name: "employment",
  title: { zh: "稳岗就业", en: "Employment" },
  migrations: new URL("../migrations/", import.meta.url),
  deadlineOverdue: EmploymentDeadlineOverdue,
  auditHead: EmploymentAuditHeadPublished,
  parameterChanged: EmploymentParameterChanged,
  indicatorFrozen: EmploymentIndicatorFrozen,
  slices: [
    ...[registrySlice, workRecordSlice, plannedDepartureSlice, readingSlice, transportSubsidySlice],
    ...[publicWelfarePostSlice, postHolderSlice, postOverlapSlice, postPaySlice],
    ...[employerSlice, labourSubsidySlice, workImportSlice, workSuspectSlice, labourRollSlice],
  ],
  sealed,
  unsealed,
});
