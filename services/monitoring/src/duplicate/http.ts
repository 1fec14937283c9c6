import { refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { actorOf, afterCursor, cutPage, PageQuery, pageOf, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { findPerson } from "../household/roster-store.ts";
import { findHousehold } from "../household/store.ts";
import { HouseholdView, MemberView, memberView, viewOf } from "../household/views.ts";
import { command, query, slice } from "../kit.ts";
import { mostOfOneName } from "./decide.ts";
import { crowdsOf, type Duplicate, listDuplicates, lockDuplicate, saveDecision } from "./store.ts";

const Side = z.object({ person: MemberView, household: HouseholdView.nullable().describe("Where the person is a member now") });
const DuplicateView = z.object({
  duplicateId: z.string(),
  kind: z
    .enum(["person", "household"])
    .describe("person: one name, sex and birth date under two numbers; household: two of a village whose heads have one name"),
  region: z.string(),
  status: z.enum(["open", "same", "different"]),
  foundAt: z.string(),
  decidedAt: z.string().nullable(),
  sides: z.array(Side).describe("The two side by side, masked; one alone where the other has left the caller's area"),
  crowd: z
    .object({ records: z.int(), zh: z.string(), en: z.string() })
    .nullable()
    .describe(
      `Where more than ${mostOfOneName} records are alike, of which the earliest ${mostOfOneName} are compared: how many there are`,
    ),
});

async function sideOf(tx: Tx<DB>, personId: string): Promise<z.input<typeof Side> | undefined> {
  const person = await findPerson(tx, personId);
  const household = person?.householdId ? await findHousehold(tx, person.householdId) : undefined;
  return person && { person: memberView(person), household: household ? viewOf(household) : null };
}

const crowdOf = (records: number | undefined) =>
  records === undefined
    ? null
    : {
        records,
        zh: `同名记录共${records}条,超过${mostOfOneName}条,只比对最早登记的${mostOfOneName}条;其余请按证件号码查找`,
        en: `${records} records of this name, more than ${mostOfOneName}: the earliest ${mostOfOneName} are compared; search for the others by number`,
      };

async function duplicateView(
  tx: Tx<DB>,
  duplicate: Duplicate,
  crowds: ReadonlyMap<string, number>,
): Promise<z.input<typeof DuplicateView>> {
  const sides = [await sideOf(tx, duplicate.personId), await sideOf(tx, duplicate.otherPersonId)];
  return {
    duplicateId: duplicate.id,
    kind: duplicate.kind,
    region: duplicate.region,
    status: duplicate.status,
    foundAt: duplicate.foundAt.toISOString(),
    decidedAt: duplicate.decidedAt?.toISOString() ?? null,
    sides: sides.flatMap((side) => (side ? [side] : [])),
    crowd: crowdOf(crowds.get(duplicate.id)),
  };
}

const listDuplicatesRoute = query(
  {
    operation: "list-duplicates",
    path: "/duplicates",
    summary: { zh: "疑似重复(并列比对,脱敏)", en: "Records that may be one, side by side, masked" },
    clauses: ["M-01"],
    allow: ["region-officer", "city-officer", "county-officer", "township-officer", "village-officer", "auditor"],
    query: PageQuery.extend({
      status: z.enum(["open", "same", "different"]).default("open"),
      region: z
        .string()
        .regex(/^\d{2,12}$/)
        .optional(),
    }),
    reply: pageOf(DuplicateView),
    exports: {
      titles: { decidedAt: "认定时间" },
      things: { sides: ["person.name", "person.identityNumber", "person.birthYear", "household.householdId", "household.place"] },
    },
    problems: [],
  },
  async ({ tx, query: { status, region, cursor, limit }, actor }) => {
    const rows = await listDuplicates(tx, { area: rangeOf(region ?? actor.region), status, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, (row) => row.id);
    const items = [];
    const crowds = await crowdsOf(tx, page.items);
    for (const duplicate of page.items) items.push(await duplicateView(tx, duplicate, crowds));
    return { reply: { items, next: page.next } };
  },
);

const decideDuplicate = command(
  {
    method: "post",
    operation: "decide-duplicate",
    path: "/duplicates/{duplicateId}/decision",
    summary: {
      zh: "疑似重复认定(相同、不同)",
      en: "Decide whether two records are one; different ones are never asked about again",
    },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: z.object({ duplicateId: z.uuidv7() }),
    body: z.object({ decision: z.enum(["same", "different"]), document: z.string().trim().max(120).optional() }),
    reply: DuplicateView.extend({
      next: z
        .enum(["merge-households", "correct-person"])
        .nullable()
        .describe("What to do about two that are one: merge their households, or correct the wrong record within one household"),
    }),
    problems: ["duplicate-not-found", "duplicate-decided"],
  },
  async ({ tx, params, body, actor, now }) => {
    const duplicate = await lockDuplicate(tx, params.duplicateId);
    if (!duplicate) return refuse("duplicate-not-found");
    if (duplicate.status !== "open") return refuse("duplicate-decided");
    await saveDecision(tx, duplicate.id, {
      status: body.decision,
      by: actorOf(actor),
      at: now,
      document: body.document ?? null,
    });
    const crowds = await crowdsOf(tx, [duplicate]);
    const decided = await duplicateView(tx, { ...duplicate, status: body.decision, decidedAt: now }, crowds);
    const households = new Set(decided.sides.map((side) => side.household?.householdId));
    return {
      reply: {
        ...decided,
        next:
          body.decision === "different"
            ? null
            : households.size > 1
              ? ("merge-households" as const)
              : ("correct-person" as const),
      },
      audit: [
        {
          action: "decide-duplicate",
          entity: "possible-duplicate",
          entityId: duplicate.id,
          region: duplicate.region,
          clause: "M-01",
          changed: { decision: body.decision },
        },
      ],
    };
  },
);

export const duplicateSlice = slice({
  name: "duplicate",
  title: { zh: "疑似重复", en: "Possible duplicates" },
  routes: [listDuplicatesRoute, decideDuplicate],
});
