import {
  EmploymentAuditHeadPublished,
  EmploymentDeadlineOverdue,
  EmploymentIndicatorFrozen,
  EmploymentParameterChanged,
  HouseholdChanged,
  HouseholdRegistered,
  HouseholdState,
} from "@shouwang/contract";
import { defineService, kitFor } from "@shouwang/service-kit";
import { sql } from "kysely";

type Db = Record<never, never>;
const { projection, slice } = kitFor<Db>();

/** Households as monitoring tells of them: what a department that reads the registry would keep. */
export const households = projection({
  name: "bench-households",
  events: [HouseholdRegistered, HouseholdChanged],
  tables: ["mirror.household"],
  reset: async (tx) => {
    await sql`delete from mirror.household`.execute(tx);
  },
  applyAll: async (tx, batch) => {
    const rows = batch.map(({ data, envelope }) => ({ ...HouseholdState.parse(data), version: Number(envelope.sequence) }));
    await sql`insert into mirror.household (household_id, region, household_kind, monitored_kind, headcount, able_workers, status, version)
      select * from unnest(${rows.map((row) => row.householdId)}::uuid[], ${rows.map((row) => row.region)}::text[],
        ${rows.map((row) => row.householdKind)}::text[], ${rows.map((row) => row.monitoredKind)}::text[], ${rows.map((row) => row.headcount)}::int[],
        ${rows.map((row) => row.ableWorkers)}::int[], ${rows.map((row) => row.status)}::text[], ${rows.map((row) => row.version)}::bigint[])
      on conflict (household_id) do update set region = excluded.region, household_kind = excluded.household_kind, monitored_kind = excluded.monitored_kind,
        headcount = excluded.headcount, able_workers = excluded.able_workers, status = excluded.status, version = excluded.version`.execute(
      tx,
    );
  },
});

/** Says of each event when it was seen here. */
const arrivals = projection({
  name: "bench-arrivals",
  events: [HouseholdChanged],
  reset: async (tx) => {
    await sql`delete from mirror.arrival`.execute(tx);
  },
  applyAll: async (tx, batch) => {
    await sql`insert into mirror.arrival (event_id) select unnest(${batch.map(({ envelope }) => envelope.id)}::uuid[])`.execute(
      tx,
    );
  },
});

/** A department that reads monitoring's events. */
export const mirror = defineService<Db>({
  name: "employment",
  title: { zh: "基准测试读者", en: "Reader of the benchmarks" },
  migrations: new URL("./mirror-migrations/", import.meta.url),
  deadlineOverdue: EmploymentDeadlineOverdue,
  auditHead: EmploymentAuditHeadPublished,
  parameterChanged: EmploymentParameterChanged,
  indicatorFrozen: EmploymentIndicatorFrozen,
  slices: [slice({ name: "mirror", title: { zh: "农户镜像", en: "Household mirror" }, readers: [households, arrivals] })],
});
