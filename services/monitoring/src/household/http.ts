import {
  DateText,
  Fen,
  HouseholdChanged,
  HouseholdId,
  HouseholdIncomeRecorded,
  HouseholdKind,
  HouseholdRegistered,
  PersonId,
  PersonJoinedHousehold,
  RegionCode,
  refuse,
} from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  actorOf,
  afterCursor,
  brokenConstraint,
  checkIdentityNumber,
  checkVersion,
  cutPage,
  everyone,
  mayReach,
  PageQuery,
  pageOf,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { HealthState, LabourSkill, MedicalInsurance, Relation, Schooling } from "./code-lists.ts";
import { checkMembers, checkVillage, netIncome } from "./decide.ts";
import {
  changesOf,
  findByIdentity,
  findByName,
  findHousehold,
  type Household,
  householdsByIds,
  incomesOf,
  insertHousehold,
  insertMembers,
  listHouseholds,
  lockHousehold,
  membersOf,
  personStateOf,
  revealPerson,
  saveHousehold,
  saveIncome,
  stateOf,
} from "./store.ts";
import { HouseholdView, HouseholdWithMembers, memberView, viewOf } from "./views.ts";

const HouseholdPath = z.object({ householdId: HouseholdId });
const triState = z.boolean().nullable();
const GuaranteesEntry = z.strictObject({
  schooling: triState,
  medicalCare: triState,
  housing: triState,
  drinkingWater: triState,
});
const registrars = ["county-officer", "township-officer", "village-officer"] as const;

const MemberEntry = z.strictObject({
  name: z.string().trim().min(2).max(40),
  identityNumber: z.string().min(15).max(40),
  relation: Relation,
  phone: z.string().max(20).optional(),
  schooling: Schooling.optional(),
  health: z.array(HealthState).min(1).max(4).default(["healthy"]),
  labourSkill: LabourSkill,
  medicalInsurance: MedicalInsurance.optional(),
});

export const registerHousehold = command(
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

export const readHousehold = query(
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

export const listHouseholdsRoute = query(
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

export const searchHouseholds = query(
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

export const changeHousehold = command(
  {
    method: "patch",
    operation: "change-household",
    path: "/households/{householdId}",
    summary: { zh: "变更农户信息(注明来源)", en: "Change a household, naming the source" },
    clauses: ["M-01"],
    allow: registrars,
    params: HouseholdPath,
    body: z.object({
      hamlet: z.string().max(40).optional(),
      householdNo: z.string().max(40).optional(),
      guarantees: GuaranteesEntry.partial().optional(),
      lowIncome: z.boolean().optional(),
      safetyNetOnly: z.boolean().optional(),
      source: z.string().min(2).max(60).describe("Where the new values come from"),
      document: z.string().max(120).optional(),
    }),
    reply: HouseholdView,
    ifMatch: true,
    problems: ["household-not-found", "version-mismatch"],
  },
  async ({ tx, params, body, actor, now, expectedVersion }) => {
    const before = await lockHousehold(tx, params.householdId);
    if (!before) return refuse("household-not-found");
    const stale = checkVersion(before.version, expectedVersion);
    if (stale) return stale;
    const guarantees = { ...before.guarantees };
    for (const key of ["schooling", "medicalCare", "housing", "drinkingWater"] as const) {
      const value = body.guarantees?.[key];
      if (value !== undefined) guarantees[key] = value;
    }
    const after: Household = {
      ...before,
      guarantees,
      hamlet: body.hamlet ?? before.hamlet,
      householdNo: body.householdNo ?? before.householdNo,
      lowIncome: body.lowIncome ?? before.lowIncome,
      safetyNetOnly: body.safetyNetOnly ?? before.safetyNetOnly,
      version: before.version + 1,
    };
    await saveHousehold(tx, before, after, { at: now, actor: actorOf(actor), source: body.source, document: body.document });
    return { reply: viewOf(after), events: [HouseholdChanged.of(after.id, after.version, after.region, stateOf(after))] };
  },
);

export const householdHistory = query(
  {
    operation: "household-history",
    path: "/households/{householdId}/history",
    summary: { zh: "农户变更记录", en: "What changed of a household, when and from which source" },
    clauses: ["M-01"],
    allow: everyone,
    params: HouseholdPath,
    reply: z.object({
      items: z.array(
        z.object({ version: z.int(), changed: z.unknown(), source: z.string(), document: z.string().nullable(), at: z.string() }),
      ),
    }),
    problems: ["household-not-found"],
  },
  async ({ tx, params }) => {
    if (!(await findHousehold(tx, params.householdId))) return refuse("household-not-found");
    return {
      reply: { items: (await changesOf(tx, params.householdId)).map((change) => ({ ...change, at: change.at.toISOString() })) },
    };
  },
);

export const revealPersonRoute = command(
  {
    method: "post",
    operation: "reveal-person",
    path: "/persons/{personId}/reveal",
    summary: { zh: "查看个人信息原文(须说明用途,留痕)", en: "Reveal personal data: purpose stated, audited" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: z.object({ personId: PersonId }),
    body: z.object({
      purpose: z.string().trim().min(4).max(120),
      fields: z.array(z.enum(["name", "identityNumber", "phone"])).min(1),
    }),
    reply: z.object({
      personId: z.string(),
      name: z.string().optional(),
      identityNumber: z.string().optional(),
      phone: z.string().optional(),
    }),
    reveals: true,
    problems: ["not-found"],
  },
  async ({ tx, params, body, keys }) => {
    const found = await revealPerson(tx, keys, params.personId);
    if (!found) return refuse("not-found");
    const shown = Object.fromEntries(body.fields.map((field) => [field, found.secret[field]]));
    return {
      reply: { personId: params.personId, ...shown },
      audit: [
        {
          action: "reveal-person",
          entity: "person",
          entityId: params.personId,
          region: found.region,
          clause: "M-01",
          purpose: body.purpose,
          changed: { fields: body.fields },
        },
      ],
    };
  },
);

const IncomeView = z.object({
  incomeId: z.string(),
  kind: z.string(),
  from: z.string(),
  until: z.string(),
  headcount: z.int(),
  wageFen: z.int(),
  businessFen: z.int(),
  propertyFen: z.int(),
  transferFen: z.int(),
  businessCostFen: z.int(),
  netFen: z.int(),
  perCapitaFen: z.int(),
  confirmed: z.boolean(),
  version: z.int(),
});

export const recordIncome = command(
  {
    method: "post",
    operation: "record-income",
    path: "/households/{householdId}/incomes",
    summary: { zh: "登记家庭收入", en: "Record a household's income of a period" },
    clauses: ["M-05"],
    allow: registrars,
    params: HouseholdPath,
    body: z.object({
      kind: z.enum(["annual", "at-inclusion", "at-clearance", "monthly", "quarterly"]),
      from: DateText,
      until: DateText,
      wageFen: Fen,
      businessFen: Fen,
      propertyFen: Fen,
      transferFen: Fen,
      businessCostFen: Fen,
      confirmed: z.boolean().describe("Signed for by the household"),
    }),
    reply: IncomeView,
    status: 201,
    problems: ["household-not-found", "invalid-input"],
  },
  async ({ tx, params, body, today }) => {
    const household = await lockHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    const wrongSpan = body.until < body.from || body.until > today;
    if (wrongSpan)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/until",
            rule: "period",
            zh: "期末不得早于期初,也不得晚于今天",
            en: "The period ends after it begins and not after today",
            clause: "M-05",
          },
        ],
      });
    const income = await saveIncome(tx, {
      id: uuidv7(),
      householdId: household.id,
      region: household.region,
      ...body,
      headcount: household.headcount,
      ...netIncome(body, household.headcount),
    });
    const { id, version, ...facts } = income;
    return {
      reply: { ...facts, incomeId: id, version },
      events: [HouseholdIncomeRecorded.of(id, version, income.region, { householdIncomeId: id, ...facts })],
    };
  },
);

export const listIncomes = query(
  {
    operation: "list-incomes",
    path: "/households/{householdId}/incomes",
    summary: { zh: "家庭收入记录", en: "Income records of a household" },
    clauses: ["M-05"],
    allow: everyone,
    params: HouseholdPath,
    reply: z.object({ items: z.array(IncomeView) }),
    problems: ["household-not-found"],
  },
  async ({ tx, params }) => {
    if (!(await findHousehold(tx, params.householdId))) return refuse("household-not-found");
    return { reply: { items: (await incomesOf(tx, params.householdId)).map(({ id, ...rest }) => ({ ...rest, incomeId: id })) } };
  },
);

export const householdSlice = slice({
  name: "household",
  routes: [
    registerHousehold,
    readHousehold,
    listHouseholdsRoute,
    searchHouseholds,
    changeHousehold,
    householdHistory,
    revealPersonRoute,
    recordIncome,
    listIncomes,
  ],
});
