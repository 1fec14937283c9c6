import { DateText, refuse } from "@shouwang/contract";
import { levelOf, toRegionCode } from "@shouwang/regions";
import { actorOf, putFile, requestJob } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { checkFile } from "../feed/file-check.ts";
import { keptUntil, xlsx } from "../feed/file-kept.ts";
import { insertFeed } from "../feed/store.ts";
import { command, slice } from "../kit.ts";
import { householdImport, householdImportJob } from "./job.ts";
import { rosterLimits } from "./roster-row.ts";

const uploadHouseholds = command(
  {
    method: "post",
    operation: "upload-households",
    path: "/feeds/households",
    summary: { zh: "批量导入农户及家庭成员", en: "Send a list of households and their members, one row a person" },
    clauses: ["M-01"],
    allow: ["county-officer"],
    body: z.object({
      document: z.string().trim().min(2).max(120).describe("Number of the covering document"),
      dataDate: DateText.describe("Day the data are of"),
    }),
    upload: true,
    reply: z.object({ feedId: z.string(), jobId: z.string() }),
    status: 202,
    problems: ["role-not-allowed", "invalid-input", "feed-columns-missing", "feed-unreadable"],
  },
  async ({ tx, body, upload, actor, keys, now, today }) => {
    const region = toRegionCode(actor.region);
    if (levelOf(region) !== "county")
      return refuse("role-not-allowed", { detail: { zh: "由县级上传", en: "Sent by a county's office" } });
    const { file, refusal } = await checkFile(upload, rosterLimits, body.dataDate, today);
    if (refusal) return refusal;
    const feedId = uuidv7();
    const fileId = await putFile(tx, keys, actor, {
      region,
      name: `农户-${body.dataDate}.${file.isWorkbook ? "xlsx" : "csv"}`,
      mediaType: file.isWorkbook ? xlsx : "text/csv",
      content: file.content,
      purpose: "feed",
      expiresOn: await keptUntil(tx, region, today),
    });
    const jobId = await requestJob(tx, actor, { kind: householdImportJob, region, input: { feedId } });
    const feed = {
      ...body,
      id: feedId,
      kind: "households",
      department: actor.department ?? "county",
      region,
      fileId,
      jobId,
      at: now,
    };
    await insertFeed(tx, feed, actorOf(actor));
    const audit = { action: "upload-households", entity: "feed", entityId: feedId, region, clause: "M-01", changed: body };
    return { reply: { feedId, jobId }, audit: [audit] };
  },
);

/** M-01: a county's registry as a file, each household registered as if it were entered by hand. */
export const householdImportSlice = slice({
  name: "household-import",
  title: { zh: "农户批量导入", en: "Household import" },
  routes: [uploadHouseholds],
  jobs: [householdImport],
});
