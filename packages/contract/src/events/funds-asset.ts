import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen, Year } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { idOf, region } from "./fields.ts";
import { CollectiveId } from "./industry-operator.ts";
import { ProjectId } from "./payment.ts";

export const AssetId = idOf("AssetId", "Project asset");
export type AssetId = z.infer<typeof AssetId>;

export const ProjectAssetState = z.object({
  assetId: AssetId,
  projectIds: z.array(ProjectId).min(1).max(20).describe("Projects that built it"),
  region,
  kind: z.enum(["operating", "public-benefit", "household"]).describe("Class of the asset"),
  form: z.enum(["fixed", "rights", "biological"]).describe("Form of the asset"),
  owner: z.enum(["state", "township", "village-collective", "household"]).describe("Kind of owner"),
  collectiveId: CollectiveId.nullable().describe("Owning village collective, or null"),
  originalFen: Fen.describe("Original value, in fen"),
  condition: z.enum(["in-use", "idle", "damaged", "inefficient", "lost", "disposed"]).describe("Condition"),
  maintained: z.boolean().describe("Somebody is named for its upkeep"),
  inventoriedOn: DateText.nullable().describe("Day of the latest inventory, or null"),
});
export type ProjectAssetState = z.infer<typeof ProjectAssetState>;
const assetExample: z.input<typeof ProjectAssetState> = {
  assetId: ids.asset,
  projectIds: [ids.project],
  region: village,
  kind: "operating",
  form: "fixed",
  owner: "village-collective",
  collectiveId: ids.collective,
  originalFen: 350_000_000,
  condition: "in-use",
  maintained: true,
  inventoriedOn: null,
};
const aboutAsset = { kind: "state", clauses: ["F-07", "I-10a"], readers: ["industry", "gateway", "integrators"] } as const;

export const ProjectAssetRegistered = defineEvent("funds.project-asset.registered", 1, ProjectAssetState, {
  ...aboutAsset,
  title: { zh: "项目资产已登记", en: "Asset registered" },
  example: assetExample,
});
export const ProjectAssetHandedOver = defineEvent("funds.project-asset.handed-over", 1, ProjectAssetState, {
  ...aboutAsset,
  title: { zh: "项目资产已移交", en: "Asset handed over" },
  example: assetExample,
});
export const ProjectAssetInventoried = defineEvent("funds.project-asset.inventoried", 1, ProjectAssetState, {
  ...aboutAsset,
  title: { zh: "项目资产已盘点", en: "Asset in the yearly inventory" },
  example: { ...assetExample, condition: "idle", inventoriedOn: "2022-11-30" },
});
export const ProjectAssetDisposed = defineEvent("funds.project-asset.disposed", 1, ProjectAssetState, {
  ...aboutAsset,
  title: { zh: "项目资产已处置", en: "Asset disposed of" },
  example: { ...assetExample, condition: "disposed" },
});

export const AssetIncomeState = z.object({
  assetIncomeId: idOf("AssetIncomeId", "Income of one asset and year"),
  assetId: AssetId,
  collectiveId: CollectiveId.nullable().describe("Village collective that receives the rest, or null"),
  region,
  year: Year.describe("Year of the income"),
  dueFen: Fen.describe("Due by contract, in fen"),
  receivedFen: Fen.describe("Received, in fen"),
  dividendsAgreedFen: Fen.describe("Household dividends agreed, in fen; paid before anything else"),
  dividendsPaidFen: Fen.describe("Of them paid, in fen"),
  targetUseFen: Fen.describe("Used for lifted and monitored people, in fen; second"),
  otherUseFen: Fen.describe("Used otherwise with a reason, in fen"),
  toCollectiveFen: Fen.describe("Rest that enters the collective's distributable income, in fen"),
});
export type AssetIncomeState = z.infer<typeof AssetIncomeState>;
const incomeExample: z.input<typeof AssetIncomeState> = {
  assetIncomeId: ids.source,
  assetId: ids.asset,
  collectiveId: ids.collective,
  region: village,
  year: 2022,
  dueFen: 12_000_000,
  receivedFen: 12_000_000,
  dividendsAgreedFen: 3_000_000,
  dividendsPaidFen: 0,
  targetUseFen: 0,
  otherUseFen: 0,
  toCollectiveFen: 0,
};
const aboutIncome = { kind: "state", clauses: ["F-07", "I-10b"], readers: ["industry", "gateway", "integrators"] } as const;

export const AssetIncomeReceived = defineEvent("funds.asset-income.received", 1, AssetIncomeState, {
  ...aboutIncome,
  title: { zh: "资产收益已到账", en: "Asset income received" },
  example: incomeExample,
});
export const AssetIncomeDistributed = defineEvent("funds.asset-income.distributed", 1, AssetIncomeState, {
  ...aboutIncome,
  title: { zh: "资产收益已分配", en: "Asset income distributed" },
  example: { ...incomeExample, dividendsPaidFen: 3_000_000, targetUseFen: 4_000_000, toCollectiveFen: 5_000_000 },
});
