import { CaseId, Fen, HouseholdId, HouseholdPlanItemId, MeasureCategory, Refusal, RiskLeadId, refuse } from "@shouwang/contract";
import { actorOf, everyone, maxFileBytes, putFile } from "@shouwang/service-kit";
import { z } from "zod";
import { findHousehold } from "../household/store.ts";
import { command, query, slice } from "../kit.ts";
import { firstMeasures } from "./clauses.ts";
import { evidenceTypes } from "./decide.ts";
import { deliverMeasure } from "./deliver.ts";
import { isFileOf, measuresOf } from "./store.ts";
import { EmergencyView, emergencyView, MeasureView, measureView } from "./views.ts";

const HouseholdPath = z.object({ householdId: HouseholdId });
const deliverers = [
  "county-officer",
  "township-officer",
  "village-officer",
  "helper",
  "first-secretary",
  "department-officer",
] as const;

const recordMeasure = command(
  {
    method: "post",
    operation: "record-measure",
    path: "/households/{householdId}/measures",
    summary: { zh: "登记已落实的帮扶措施", en: "Record help that has reached a household" },
    clauses: ["M-03", "M-06"],
    allow: deliverers,
    params: HouseholdPath,
    body: z.object({
      category: MeasureCategory,
      implementedAt: z.iso
        .datetime({ offset: true })
        .describe("When it reached the household; what is only planned is not a measure"),
      amountFen: Fen.optional(),
      epidemic: z
        .boolean()
        .default(false)
        .describe("Given because of the epidemic; so is one for an epidemic-caused lead or case"),
      leadId: RiskLeadId.optional().describe("Lead it answers; the first one stops the emergency clock"),
      caseId: CaseId.optional(),
      planItemId: HouseholdPlanItemId.optional().describe("Item of the household plan it delivers, of the same category"),
      fileId: z.uuid().optional().describe("Evidence uploaded for this household"),
    }),
    reply: MeasureView.extend({ emergency: EmergencyView }),
    status: 201,
    problems: [
      "household-not-found",
      "measure-in-future",
      "lead-not-found",
      "case-not-found",
      "plan-not-found",
      "plan-state",
      "invalid-input",
    ],
  },
  async ({ tx, params, body, actor, now }) => {
    const household = await findHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    const implementedAt = new Date(body.implementedAt);
    if (implementedAt > now) return refuse("measure-in-future");
    if (body.fileId !== undefined && !(await isFileOf(tx, body.fileId, household.id)))
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/fileId",
            rule: "file-of-the-household",
            zh: "没有为该户上传过此文件",
            en: "No such file was uploaded for this household",
            clause: "M-03",
          },
        ],
      });
    const about = { householdId: household.id, region: household.region };
    const source = { department: "monitoring", id: null } as const;
    const delivered = await deliverMeasure(tx, { ...body, ...about, implementedAt, source }, { now, actor: actorOf(actor) });
    if (delivered instanceof Refusal) return delivered;
    const { measure, emergency, events } = delivered;
    return { reply: { ...measureView(measure), emergency: emergencyView(emergency) }, events };
  },
);

const listMeasures = query(
  {
    operation: "list-measures",
    path: "/households/{householdId}/measures",
    summary: { zh: "该户已落实的帮扶措施", en: "Help that has reached a household" },
    clauses: ["M-03", "M-06"],
    allow: everyone,
    params: HouseholdPath,
    reply: z.object({ items: z.array(MeasureView) }),
    problems: ["household-not-found"],
  },
  async ({ tx, params }) => {
    if (!(await findHousehold(tx, params.householdId))) return refuse("household-not-found");
    return { reply: { items: (await measuresOf(tx, params.householdId)).map(measureView) } };
  },
);

const uploadEvidence = command(
  {
    method: "post",
    operation: "upload-evidence",
    path: "/households/{householdId}/evidence",
    summary: { zh: "上传佐证(照片或扫描件)", en: "Upload evidence of help: a picture or a scan, at most 10 MB" },
    clauses: ["M-03"],
    allow: deliverers,
    params: HouseholdPath,
    upload: true,
    reply: z.object({ fileId: z.string(), bytes: z.int() }),
    status: 201,
    problems: ["household-not-found", "unsupported-media-type", "body-too-large"],
  },
  async ({ tx, params, actor, keys, upload }) => {
    const household = await findHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    const ending = upload && evidenceTypes.get(upload.mediaType);
    if (!upload || ending === undefined) return refuse("unsupported-media-type");
    if (upload.content.length > maxFileBytes) return refuse("body-too-large");
    const { mediaType, content } = upload;
    // Stored under a name of our own: what people call their pictures may name others.
    const file = { region: household.region, householdId: household.id, name: `evidence.${ending}`, mediaType, content };
    const fileId = await putFile(tx, keys, actor, { ...file, purpose: "measure-evidence" });
    const audit = {
      action: "upload-evidence",
      entity: "household",
      entityId: household.id,
      region: household.region,
      clause: "M-03",
    };
    return { reply: { fileId, bytes: content.length }, audit: [{ ...audit, changed: { fileId } }] };
  },
);

export const measureSlice = slice({
  name: "measure",
  title: { zh: "帮扶措施", en: "Measures" },
  routes: [recordMeasure, listMeasures, uploadEvidence],
  clauses: [firstMeasures],
});
