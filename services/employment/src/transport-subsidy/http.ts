import { Year } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, claimParts, cutPage, everyone, PageQuery, pageOf, requestJob } from "@shouwang/service-kit";
import { z } from "zod";
import { claimsClause } from "../claim-figures.ts";
import { claimOffice } from "../claims.ts";
import { command, query, slice } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { recorders } from "../work-record/record.ts";
import { transportSubsidy } from "./claim.ts";
import { draftingJob } from "./draft-job.ts";
import { listUnclaimed } from "./store.ts";

const parts = claimParts({ ...claimOffice, kind: transportSubsidy });
export const transportSettler = parts.settler;
const drafting = draftingJob(parts.make);
const InYear = { year: z.coerce.number().pipe(Year), region: Area.optional().describe("The caller's own where absent") };

const listUnclaimedRoute = query(
  {
    operation: "list-unclaimed-transport-subsidy",
    path: "/transport-subsidy-unclaimed",
    summary: { zh: "区外务工、符合条件尚未申请的人员", en: "People at work outside the region for whom nobody has claimed yet" },
    clauses: ["E-02"],
    allow: everyone,
    query: PageQuery.extend(InYear),
    reply: pageOf(
      z.object({
        personId: z.string(),
        householdId: z.string(),
        region: z.string(),
        name: z.string().nullable().describe("Masked"),
        workRecordId: z.string(),
        from: z.string(),
        until: z.string().nullable(),
      }),
    ),
    problems: [],
    exports: {},
  },
  async ({ tx, query: { year, region, cursor, limit }, actor, today }) => {
    const asked = { year, today, area: rangeOf(region ?? actor.region), after: afterCursor(cursor), limit };
    const page = cutPage(await listUnclaimed(tx, asked), limit, ({ personId }) => personId);
    return { reply: { items: page.items.map(({ nameMask, ...one }) => ({ ...one, name: nameMask })), next: page.next } };
  },
);

const draftAll = command(
  {
    method: "post",
    operation: "draft-transport-subsidies",
    path: "/transport-subsidy-drafts",
    summary: {
      zh: "为辖区内符合条件尚未申请的人员批量生成申请",
      en: "Draft the claims of everybody in an area for whom nobody has claimed yet",
    },
    clauses: ["E-02"],
    allow: recorders,
    body: z.object({ year: Year, region: Area.optional() }),
    reply: z.object({ jobId: z.string() }),
    status: 202,
    problems: [],
  },
  async ({ tx, body: { year, region }, actor }) => {
    const area = region ?? actor.region;
    const place = area.padEnd(12, "0");
    const jobId = await requestJob(tx, actor, { kind: drafting.kind, region: place, input: { year, area } });
    return {
      reply: { jobId },
      audit: [{ action: "draft-transport-subsidies", entity: "job", entityId: jobId, region: place, clause: "E-02" }],
    };
  },
);

export const transportSubsidySlice = slice({
  name: "transport-subsidy",
  title: { zh: "往返交通补助", en: "Transport subsidies" },
  routes: [listUnclaimedRoute, draftAll, ...parts.routes],
  bulks: parts.bulks,
  schedules: parts.schedules,
  jobs: [drafting],
  clauses: [
    claimsClause({
      kind: "transport-subsidy",
      path: "/transport-subsidies",
      clause: "E-02",
      named: { zh: "交通补助", en: "Transport subsidy" },
    }),
  ],
});
