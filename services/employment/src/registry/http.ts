import { DateText, HouseholdId, HouseholdKind, PersonId, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, checkIdentityNumber, cutPage, everyone, PageQuery, pageOf, parseBusinessDate } from "@shouwang/service-kit";
import { z } from "zod";
import { query, slice } from "../kit.ts";
import { statusOn } from "./decide.ts";
import { identities } from "./identity.ts";
import { registry } from "./projection.ts";
import { revealHousehold, revealPerson } from "./reveal.ts";
import { findByNumber, findHousehold, findPerson, historyOf, listHouseholds, membersOf } from "./store.ts";
import { Area, HouseholdView, householdView, PersonView, personView, StatusView, statusView } from "./views.ts";

const listHouseholdsRoute = query(
  {
    operation: "list-households",
    path: "/households",
    summary: { zh: "农户列表(防返贫监测部门告知)", en: "List households, as monitoring tells them" },
    clauses: ["E-01"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's own where absent"),
      householdKind: HouseholdKind.optional(),
      monitored: z.stringbool().optional().describe("Only households that are monitored today, or only those that are not"),
    }),
    reply: pageOf(HouseholdView),
    problems: [],
  },
  async ({ tx, query: { region, cursor, limit, ...filter }, actor }) => {
    const rows = await listHouseholds(tx, {
      ...filter,
      area: rangeOf(region ?? actor.region),
      after: afterCursor(cursor),
      limit,
    });
    const page = cutPage(rows, limit, ({ id }) => id);
    return { reply: { items: page.items.map(householdView), next: page.next } };
  },
);

const readHousehold = query(
  {
    operation: "read-household",
    path: "/households/{householdId}",
    summary: { zh: "查看农户、成员及某日身份", en: "Read a household, its members, and what it was on a day" },
    clauses: ["E-01", "E-02"],
    allow: everyone,
    params: z.object({ householdId: HouseholdId }),
    query: z.object({ on: DateText.optional().describe("Day its status is asked for; today where absent") }),
    reply: HouseholdView.extend({ members: z.array(PersonView), statusOn: StatusView.nullable() }),
    problems: ["household-not-found"],
  },
  async ({ tx, params, query: { on }, today }) => {
    const household = await findHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    const { days, cases } = await historyOf(tx, household.id);
    const status = statusOn(days, cases, on === undefined ? today : parseBusinessDate(on));
    const members = (await membersOf(tx, household.id)).map(personView);
    return { reply: { ...householdView(household), members, statusOn: status ? statusView(status) : null } };
  },
);

const readPerson = query(
  {
    operation: "read-person",
    path: "/persons/{personId}",
    summary: { zh: "查看人员", en: "Read a person" },
    clauses: ["E-01"],
    allow: everyone,
    params: z.object({ personId: PersonId }),
    reply: PersonView,
    problems: ["person-not-found"],
  },
  async ({ tx, params }) => {
    const person = await findPerson(tx, params.personId);
    return person ? { reply: personView(person) } : refuse("person-not-found");
  },
);

const findPersonRoute = query(
  {
    operation: "find-person",
    path: "/persons/search",
    summary: { zh: "按证件号码查找人员", en: "Find a person by identity number" },
    clauses: ["E-01"],
    allow: everyone,
    body: z.object({ identityNumber: z.string().min(15).max(40) }),
    reply: z.object({ person: PersonView.nullable() }),
    problems: ["invalid-input"],
  },
  async ({ tx, body, keys, today }) => {
    const identity = checkIdentityNumber(body.identityNumber, today);
    if (!identity.ok)
      return refuse("invalid-input", {
        errors: [{ pointer: "/identityNumber", rule: identity.rule, zh: identity.zh, en: identity.en }],
      });
    const person = await findByNumber(tx, keys, identity.personKey);
    return { reply: { person: person ? personView(person) : null } };
  },
);

/** Households and people as monitoring tells them. Everything here is answered from this department's own tables, whoever else is away. */
export const registrySlice = slice({
  name: "registry",
  title: { zh: "农户与人员", en: "Households and people" },
  routes: [listHouseholdsRoute, readHousehold, readPerson, findPersonRoute, revealPerson, revealHousehold],
  readers: [registry, identities],
});
