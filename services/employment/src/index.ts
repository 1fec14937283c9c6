import {
  EmploymentAuditHeadPublished,
  EmploymentDeadlineOverdue,
  EmploymentIndicatorFrozen,
  EmploymentParameterChanged,
} from "@shouwang/contract";
import { defineService } from "@shouwang/service-kit";
import type { DB } from "./db.ts";
import { labourRollSlice } from "./labour-roll/http.ts";
import { plannedDepartureSlice } from "./planned-departure/http.ts";
import { registrySlice } from "./registry/http.ts";
import { sealed, unsealed } from "./sealed.ts";
import { workImportSlice } from "./work-import/http.ts";
import { workRecordSlice } from "./work-record/http.ts";
import { workSuspectSlice } from "./work-suspect/http.ts";

/** Plan part 2: who is at work where, and what is paid for it. */
export const employment = defineService<DB>({
  name: "employment",
  title: { zh: "稳岗就业", en: "Employment" },
  migrations: new URL("../migrations/", import.meta.url),
  deadlineOverdue: EmploymentDeadlineOverdue,
  auditHead: EmploymentAuditHeadPublished,
  parameterChanged: EmploymentParameterChanged,
  indicatorFrozen: EmploymentIndicatorFrozen,
  slices: [registrySlice, workRecordSlice, plannedDepartureSlice, workImportSlice, workSuspectSlice, labourRollSlice],
  sealed,
  unsealed,
});
