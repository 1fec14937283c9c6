import { DateText, HouseholdId, refuse } from "@shouwang/contract";
import { findDivision, pathOf, rangeOf } from "@shouwang/regions";
import { actorOf, afterCursor, checkCreditCode, cutPage, everyone, mayReach, PageQuery, pageOf } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { closeEmployer, type Employer, employerKinds, insertEmployer, listEmployers } from "./store.ts";

const keepers = ["county-officer", "township-officer", "department-officer"] as const;

const EmployerView = z.object({
  employerId: z.string(),
  name: z.string(),
  kind: z.enum(employerKinds),
  creditCode: z.string().nullable(),
  certificate: z.string().nullable().describe("Number of the township's certificate, where there is no credit code"),
  region: z.string(),
  place: z.string(),
  ownerHouseholdId: z.string().nullable().describe("Household it belongs to"),
  status: z.enum(["operating", "closed"]),
  closedOn: z.string().nullable(),
  version: z.int(),
});
const employerView = ({ id, ...employer }: Employer & { name: string }): z.input<typeof EmployerView> => ({
  ...employer,
  employerId: id,
  place: findDivision(employer.region) ? pathOf(employer.region).join("") : employer.region,
});

const audited = (action: string, { id, region }: Employer) => [
  { action, entity: "employer", entityId: id, region, clause: "E-09" },
];

const registerEmployer = command(
  {
    method: "post",
    operation: "register-employer",
    path: "/employers",
    summary: { zh: "登记本县用工主体", en: "Register a lawful operator that people of the county work for" },
    clauses: ["E-09"],
    allow: keepers,
    body: z.object({
      name: z.string().trim().min(2).max(120).describe("Sealed: a small business bears its owner's"),
      kind: z.enum(employerKinds),
      creditCode: z.string().max(40).optional().describe("Unified social credit code"),
      certificate: z
        .string()
        .trim()
        .min(4)
        .max(80)
        .optional()
        .describe("Number of the township's certificate, where there is no code"),
      region: z
        .string()
        .regex(/^\d{12}$/)
        .describe("Township or village where it is"),
      ownerHouseholdId: HouseholdId.optional(),
    }),
    reply: EmployerView,
    status: 201,
    problems: ["invalid-input", "outside-area", "employer-exists"],
  },
  async ({ tx, body, keys, actor }) => {
    const wrong = (pointer: string, rule: string, zh: string, en: string) =>
      refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "E-09" }] });
    const code = body.creditCode === undefined ? undefined : checkCreditCode(body.creditCode);
    if (code && !code.ok) return wrong("/creditCode", code.rule, code.zh, code.en);
    if (!code && body.certificate === undefined)
      return wrong(
        "/creditCode",
        "code-or-certificate",
        "须填统一社会信用代码或乡镇证明文号",
        "A credit code, or the township's certificate, is needed",
      );
    if (!findDivision(body.region) || body.region.endsWith("000000"))
      return wrong("/region", "township", "须填到乡镇或村", "It lies in a township or village");
    if (!mayReach(actor, body.region)) return refuse("outside-area");
    const employer = {
      ...{ id: uuidv7(), kind: body.kind, name: body.name, region: body.region, ownerHouseholdId: body.ownerHouseholdId ?? null },
      ...{ creditCode: code?.ok ? code.value : null, certificate: body.certificate ?? null },
      ...{ status: "operating" as const, closedOn: null, version: 1 },
    };
    if (!(await insertEmployer(tx, keys, employer, actorOf(actor)))) return refuse("employer-exists");
    return { reply: employerView(employer), audit: audited("register-employer", employer) };
  },
);

const closeEmployerRoute = command(
  {
    method: "post",
    operation: "close-employer",
    path: "/employers/{employerId}/closing",
    summary: { zh: "登记用工主体停业、注销", en: "Record that an employer has closed" },
    clauses: ["E-09"],
    allow: keepers,
    params: z.object({ employerId: z.uuid() }),
    body: z.object({ closedOn: DateText }),
    reply: EmployerView,
    problems: ["employer-not-found"],
  },
  async ({ tx, params, body, keys }) => {
    const employer = await closeEmployer(tx, keys, params.employerId, body.closedOn);
    return employer
      ? { reply: employerView(employer), audit: audited("close-employer", employer) }
      : refuse("employer-not-found");
  },
);

const listEmployersRoute = query(
  {
    operation: "list-employers",
    path: "/employers",
    summary: { zh: "用工主体列表", en: "List employers" },
    clauses: ["E-09"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's county where absent, or whatever above it the caller's area is"),
      status: z.enum(["operating", "closed"]).optional(),
      creditCode: z
        .string()
        .regex(/^[0-9A-Z]{18}$/)
        .optional(),
    }),
    reply: pageOf(EmployerView),
    problems: [],
  },
  async ({ tx, query: { region, cursor, limit, status, creditCode }, actor, keys }) => {
    const asked = { area: rangeOf(region ?? actor.region.slice(0, 6)), status, creditCode, after: afterCursor(cursor), limit };
    const page = cutPage(await listEmployers(tx, keys, asked), limit, ({ id }) => id);
    return { reply: { items: page.items.map(employerView), next: page.next } };
  },
);

/** Who people work for in their own county. */
export const employerSlice = slice({
  name: "employer",
  title: { zh: "用工主体", en: "Employers" },
  routes: [registerEmployer, closeEmployerRoute, listEmployersRoute],
});
