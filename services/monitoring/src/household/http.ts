import { HouseholdKind, HouseholdRegistered, PersonJoinedHousehold, RegionCode, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  actorOf,
  afterCursor,
  brokenConstraint,
  checkIdentityNumber,
  cutPage,
  everyone,
  mayReach,
  PageQuery,
  pageOf,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { checkEntry } from "../suspect/run.ts";
import { changeHousehold, householdHistory, revealPersonRoute } from "./change.ts";
import { SourceEntry } from "./change-source.ts";
import { checkMembers, checkVillage } from "./decide.ts";
import { GuaranteesEntry, HouseholdPath, MemberEntry, registrars } from "./entry.ts";
import { findByIdentity, findByName, insertMembers, membersOf, personStateOf } from "./person-store.ts";
import {
  findHousehold,
  type Household,
  householdsByIds,
  insertHousehold,
  listHouseholds,
  recordRegistration,
  stateOf,
} from "./store.ts";
import { HouseholdView, HouseholdWithMembers, memberView, viewOf } from "./views.ts";

const registerHousehold = command(
  {
    method: "post",
    operation: "register-household",
    path: "/households",
    summary: { zh: "登记农户及家庭成员", en: "Register a household and its members" },
    clauses: ["M-01"],
    allow: registrars,
    body: z.object({
      region: RegionCode,
      householdNo: z.string().max(40).optional(),
      hamlet: z.string().max(40).optional(),
      householdKind: HouseholdKind,
      guarantees: GuaranteesEntry.default({ schooling: null, medicalCare: null, housing: null, drinkingWater: null }),
      lowIncome: z.boolean().default(false),
      relocated: z.boolean().default(false),
      members: z.array(MemberEntry).min(1).max(30),
      source: SourceEntry.source.optional(),
      document: SourceEntry.document,
    }),
    reply: HouseholdWithMembers,
    status: 201,
    problems: ["invalid-input", "unknown-division", "outside-area", "person-registered-elsewhere"],
  },
  async ({ tx, body, actor, keys, now, today }) => {
    const place = checkVillage(body.region, mayReach(actor, body.region));
    if (place) return place;
    const checked = checkMembers(body.members, today);
    if ("errors" in checked) return refuse("invalid-input", { errors: checked.errors });
    const members = checked.members.map((member) => ({ ...member, id: uuidv7() }));
    const household: Household = {
      id: uuidv7(),
      region: body.region,
      householdNo: body.householdNo ?? null,
      hamlet: body.hamlet ?? null,
      householdKind: body.householdKind,
      monitoredKind: null,
      riskCleared: false,
      headcount: members.length,
      ableWorkers: members.filter((member) => member.ableWorker).length,
      guarantees: body.guarantees,
      lowIncome: body.lowIncome,
      safetyNetOnly: false,
      relocated: body.relocated,
      status: "active",
      closedBecause: null,
      mergedInto: null,
      splitFrom: null,
      synthetic: false,
      version: 1,
    };
    await insertHousehold(tx, household, now);
    try {
      await insertMembers(tx, keys, household, members, today);
    } catch (error) {
      // The index spans the region: it also sees a person of a county the caller may not see, and says no more than that.
      if (brokenConstraint(error) === "person_identity") return refuse("person-registered-elsewhere");
      throw error;
    }
    await recordRegistration(tx, household, {
      at: now,
      actor: actorOf(actor),
      source: body.source ?? "registration",
      document: body.document,
    });
    await checkEntry(tx, household, now);
    const people = await membersOf(tx, household.id);
    return {
      reply: { ...viewOf(household), members: people.map(memberView) },
      events: [
        HouseholdRegistered.of(household.id, 1, household.region, stateOf(household)),
        ...people.map((person) => PersonJoinedHousehold.of(person.id, person.version, person.region, personStateOf(person))),
      ],
    };
  },
);

const readHousehold = query(
  {
    operation: "read-household",
    path: "/households/{householdId}",
    summary: { zh: "查看农户(脱敏)", en: "Read a household, masked" },
    clauses: ["M-01"],
    allow: everyone,
    params: HouseholdPath,
    reply: HouseholdWithMembers,
    problems: ["household-not-found"],
    opens: ({ reply }) => ({ action: "open-household", entity: "household", entityId: reply.householdId, region: reply.region }),
  },
  async ({ tx, params }) => {
    const household = await findHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    return { reply: { ...viewOf(household), members: (await membersOf(tx, household.id)).map(memberView) } };
  },
);

const listHouseholdsRoute = query(
  {
    operation: "list-households",
    path: "/households",
    summary: { zh: "农户列表", en: "List households" },
    clauses: ["M-01"],
    allow: everyone,
    query: PageQuery.extend({
      region: z
        .string()
        .regex(/^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/)
        .optional()
        .describe("Division code or prefix"),
      householdKind: HouseholdKind.optional(),
      monitored: z.stringbool().optional().describe("Only monitored households whose risk is not cleared"),
    }),
    reply: pageOf(HouseholdView),
    exports: { codes: { status: { closed: "已注销" } } },
    problems: [],
  },
  async ({ tx, query: { region, householdKind, monitored, cursor, limit } }) => {
    const rows = await listHouseholds(tx, {
      ...(region ? { region: rangeOf(region) } : {}),
      householdKind,
      monitored,
      after: afterCursor(cursor),
      limit,
    });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { items: page.items.map(viewOf), next: page.next } };
  },
);

const searchHouseholds = query(
  {
    operation: "search-households",
    path: "/household-searches",
    summary: { zh: "按姓名或证件号码查找农户", en: "Find households by name or full identity number" },
    clauses: ["M-01"],
    allow: everyone,
    body: z.object({ name: z.string().trim().min(1).max(40).optional(), identityNumber: z.string().min(15).max(40).optional() }),
    reply: z.object({ items: z.array(HouseholdView) }),
    problems: ["invalid-input"],
  },
  async ({ tx, body, keys, today }) => {
    if (body.identityNumber !== undefined) {
      const identity = checkIdentityNumber(body.identityNumber, today);
      if (!identity.ok)
        return refuse("invalid-input", {
          errors: [{ pointer: "/identityNumber", rule: identity.rule, zh: identity.zh, en: identity.en }],
        });
      const found = await findByIdentity(tx, keys, identity.personKey);
      return { reply: { items: found ? (await householdsByIds(tx, [found.householdId])).map(viewOf) : [] } };
    }
    if (body.name === undefined)
      return refuse("invalid-input", {
        errors: [{ pointer: "", rule: "name-or-number", zh: "请填姓名或证件号码", en: "Give a name or an identity number" }],
      });
    return { reply: { items: (await householdsByIds(tx, await findByName(tx, keys, body.name, 100))).map(viewOf) } };
  },
);

export const householdSlice = slice({
  name: "household",
  title: { zh: "农户登记", en: "Household registry" },
  routes: [
    registerHousehold,
    readHousehold,
    listHouseholdsRoute,
    searchHouseholds,
    changeHousehold,
    householdHistory,
    revealPersonRoute,
  ],
});
