import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen } from "../vocabulary.ts";
import { AssistingUnitId } from "./cooperation-order.ts";
import { county as exampleCounty, ids, village } from "./examples.ts";
import { county, idOf, region } from "./fields.ts";
import { ResettlementSiteId } from "./monitoring-household.ts";
import { OrganisationId } from "./payment.ts";

export const AssistingUnitState = z.object({
  assistingUnitId: AssistingUnitId,
  organisationId: OrganisationId,
  level: z.enum(["central", "region", "city", "county"]).describe("Level of the unit"),
  region: region.describe("County or village it answers for"),
  active: z.boolean().describe("Still answerable"),
});
export type AssistingUnitState = z.infer<typeof AssistingUnitState>;
const unitExample: z.input<typeof AssistingUnitState> = {
  assistingUnitId: ids.source,
  organisationId: ids.organisation,
  level: "central",
  region: exampleCounty,
  active: true,
};
const aboutUnit = { kind: "state", clauses: ["S-01", "C-08"], readers: ["cooperation", "gateway", "integrators"] } as const;

export const AssistingUnitRegistered = defineEvent("social.assisting-unit.registered", 1, AssistingUnitState, {
  ...aboutUnit,
  title: { zh: "定点帮扶单位已登记", en: "Assisting unit registered" },
  example: unitExample,
});
export const AssistingUnitChanged = defineEvent("social.assisting-unit.changed", 1, AssistingUnitState, {
  ...aboutUnit,
  title: { zh: "定点帮扶单位已变更", en: "Assisting unit changed or ended" },
  example: { ...unitExample, active: false },
});

export const FirstSecretaryState = z.object({
  firstSecretaryId: idOf("FirstSecretaryId", "One first secretary's term in one village"),
  region: region.describe("Village"),
  keyVillage: z.boolean().describe("The village is on the list of key villages"),
  from: DateText.describe("First day on duty"),
  until: DateText.nullable().describe("Last day, or null while on duty"),
});
export type FirstSecretaryState = z.infer<typeof FirstSecretaryState>;
const secretaryExample: z.input<typeof FirstSecretaryState> = {
  firstSecretaryId: ids.source,
  region: village,
  keyVillage: true,
  from: "2021-05-20",
  until: null,
};
const aboutSecretary = { kind: "state", clauses: ["S-02a", "S-02b"], readers: ["monitoring", "gateway", "integrators"] } as const;

export const FirstSecretaryAppointed = defineEvent("social.first-secretary.appointed", 1, FirstSecretaryState, {
  ...aboutSecretary,
  title: { zh: "第一书记已到岗", en: "First secretary on duty" },
  example: secretaryExample,
});
export const FirstSecretaryLeft = defineEvent("social.first-secretary.left", 1, FirstSecretaryState, {
  ...aboutSecretary,
  title: { zh: "第一书记已离任", en: "First secretary left" },
  example: { ...secretaryExample, until: "2023-05-19" },
});

export const ResidentTeamState = z.object({
  residentTeamId: idOf("ResidentTeamId", "Resident team of one village or site"),
  region: region.describe("Village"),
  resettlementSiteId: ResettlementSiteId.nullable().describe("Site it serves, or null"),
  members: z.int().nonnegative().describe("Members on duty"),
});
export type ResidentTeamState = z.infer<typeof ResidentTeamState>;
/** Members came or left. */
export const ResidentTeamChanged = defineEvent("social.resident-team.changed", 1, ResidentTeamState, {
  kind: "state",
  title: { zh: "驻村工作队已变更", en: "Resident team changed" },
  clauses: ["S-02a", "S-02c"],
  readers: ["monitoring", "gateway", "integrators"],
  example: { residentTeamId: ids.source, region: village, resettlementSiteId: ids.site, members: 3 },
});

export const EnterpriseMatchState = z.object({
  enterpriseMatchId: idOf("EnterpriseMatchId", "Enterprise matched to a county or village"),
  organisationId: OrganisationId,
  enterprise: z.enum(["private-in-region", "private-guangdong", "other"]).describe("Kind of enterprise"),
  county,
  strong: z.boolean().describe("The county confirmed its strength"),
  investedFen: Fen.describe("Invested so far, in fen"),
  status: z.enum(["confirmed", "active", "lapsed"]).describe("lapsed: nothing done for the time the settings name"),
});
export type EnterpriseMatchState = z.infer<typeof EnterpriseMatchState>;
const matchExample: z.input<typeof EnterpriseMatchState> = {
  enterpriseMatchId: ids.source,
  organisationId: ids.organisation,
  enterprise: "private-guangdong",
  county: exampleCounty,
  strong: true,
  investedFen: 0,
  status: "confirmed",
};
const aboutMatch = { kind: "state", clauses: ["S-03"], readers: ["industry", "cooperation", "gateway", "integrators"] } as const;

export const EnterpriseMatchConfirmed = defineEvent("social.enterprise-match.confirmed", 1, EnterpriseMatchState, {
  ...aboutMatch,
  title: { zh: "企业结对已确认", en: "Enterprise match confirmed" },
  example: matchExample,
});
export const EnterpriseMatchChanged = defineEvent("social.enterprise-match.changed", 1, EnterpriseMatchState, {
  ...aboutMatch,
  title: { zh: "企业结对已进展", en: "Enterprise match went on" },
  example: { ...matchExample, investedFen: 150_000_000, status: "active" },
});
export const EnterpriseMatchLapsed = defineEvent("social.enterprise-match.lapsed", 1, EnterpriseMatchState, {
  ...aboutMatch,
  title: { zh: "企业结对已失效", en: "Enterprise match lapsed" },
  example: { ...matchExample, status: "lapsed" },
});
