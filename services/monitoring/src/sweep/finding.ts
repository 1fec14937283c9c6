import { HouseholdId, Risk, refuse, Severity, SweepId } from "@shouwang/contract";
import { actorOf, afterCursor, cutPage, everyone, PageQuery, pageOf, parseBusinessDate, startOfDay } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { lockHousehold } from "../household/store.ts";
import { command, query } from "../kit.ts";
import { Note, sealNote } from "../risk-lead/note.ts";
import { registerLead } from "../risk-lead/register.ts";
import { visitors } from "../visit/decide.ts";
import { holdHouseholds } from "../visit/store.ts";
import { covers } from "./decide.ts";
import { type Finding, findingsOf, insertFinding, metOn } from "./finding-store.ts";
import { findSweep } from "./store.ts";

const SweepPath = z.object({ sweepId: SweepId });
const Doubt = z.enum(["kind-of-household", "members", "identity", "income", "work", "guarantees", "place"]);

export const recordFinding = command(
  {
    method: "post",
    operation: "record-sweep-finding",
    path: "/sweeps/{sweepId}/findings",
    summary: {
      zh: "登记排查发现(风险转为线索,数据不符记为疑点)",
      en: "Record what a sweep found at a household: a risk becomes a lead at once, wrong data a suspect",
    },
    clauses: ["M-01"],
    allow: visitors,
    params: SweepPath,
    body: z.object({
      householdId: HouseholdId,
      finding: z.discriminatedUnion("kind", [
        z.object({
          kind: z.literal("risk-lead"),
          cause: Risk,
          severity: Severity.default("ungraded"),
          epidemic: z.boolean().default(false),
        }),
        z.object({ kind: z.literal("suspect"), doubt: Doubt.describe("Which part of the record looks wrong") }),
      ]),
      note: Note,
    }),
    reply: z.object({
      findingId: z.string(),
      kind: z.enum(["risk-lead", "suspect"]),
      leadId: z.string().nullable(),
      outcome: z.enum(["registered", "merged"]).describe("`merged`: an open lead of this household and cause took it in"),
    }),
    status: 201,
    problems: [
      "sweep-not-found",
      "sweep-state",
      "household-not-found",
      "sweep-household-not-in-scope",
      "sweep-household-not-seen",
    ],
  },
  async ({ tx, params, body: { householdId, finding, note }, actor, keys, now }) => {
    const sweep = await findSweep(tx, params.sweepId);
    if (!sweep) return refuse("sweep-not-found");
    if (sweep.status !== "open") return refuse("sweep-state");
    const household = await lockHousehold(tx, householdId);
    if (!household) return refuse("household-not-found");
    const place = (await holdHouseholds(tx, [householdId])).get(householdId)?.place ?? household.region;
    if (!covers(sweep, place)) return refuse("sweep-household-not-in-scope");
    const foundOn = await metOn(tx, sweep, householdId);
    if (foundOn === undefined) return refuse("sweep-household-not-seen");
    const id = uuidv7();
    const foundAt = new Date(Math.min(startOfDay(parseBusinessDate(foundOn)).getTime(), now.getTime()));
    const made =
      finding.kind === "suspect"
        ? undefined
        : await registerLead(
            tx,
            {
              householdId,
              region: household.region,
              source: "sweep",
              cause: finding.cause,
              epidemic: finding.epidemic,
              severity: finding.severity,
              foundAt,
              explanation: [
                {
                  code: "found-in-sweep",
                  clause: "M-01",
                  document: sweep.document,
                  zh: "集中排查发现",
                  en: "Found in a sweep",
                  facts: [{ name: { zh: "排查日期", en: "Swept on" }, value: foundOn, source: actorOf(actor), date: foundOn }],
                },
              ],
              sealedNote: (leadId: string) => sealNote(keys, "monitoring.risk_lead", leadId, note),
            },
            { now, actor: actorOf(actor) },
          );
    const record: Finding = {
      id,
      sweepId: sweep.id,
      householdId,
      region: household.region,
      kind: finding.kind,
      leadId: made?.leadId ?? null,
      doubt: finding.kind === "suspect" ? finding.doubt : null,
      foundOn,
    };
    await insertFinding(tx, record, { note: sealNote(keys, "monitoring.sweep_finding", id, note), by: actorOf(actor), at: now });
    return {
      reply: { findingId: id, kind: record.kind, leadId: record.leadId, outcome: made?.outcome ?? "registered" },
      events: made?.events ?? [],
    };
  },
);

export const listFindings = query(
  {
    operation: "list-sweep-findings",
    path: "/sweeps/{sweepId}/findings",
    summary: { zh: "排查发现清单", en: "What a sweep found" },
    clauses: ["M-01"],
    allow: everyone,
    params: SweepPath,
    query: PageQuery,
    reply: pageOf(
      z.object({
        findingId: z.string(),
        householdId: z.string(),
        region: z.string(),
        kind: z.enum(["risk-lead", "suspect"]),
        leadId: z.string().nullable(),
        doubt: z.string().nullable(),
        foundOn: z.string(),
      }),
    ),
    exports: {},
    problems: ["sweep-not-found"],
  },
  async ({ tx, params, query: { cursor, limit } }) => {
    if (!(await findSweep(tx, params.sweepId))) return refuse("sweep-not-found");
    const rows = await findingsOf(tx, { sweepId: params.sweepId, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { ...page, items: page.items.map(({ id, ...rest }) => ({ ...rest, findingId: id })) } };
  },
);
