import { Refusal, refuse, riskTitles } from "@shouwang/contract";
import { actorOf, type Keys, lockPosting, type Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { authorise, type MonitoredCase, takeShared } from "../monitored-case/decide.ts";
import { recordAuthorisation } from "../monitored-case/papers.ts";
import { insertPaper, lockCase, papersOf } from "../monitored-case/store.ts";
import { type Asked, type Draft, namedMembers } from "./draft.ts";

const aboutCase = (monitored: MonitoredCase) => ({
  entity: "monitored-case",
  entityId: monitored.id,
  householdId: monitored.householdId,
  region: monitored.region,
});
const risksOf = (monitored: MonitoredCase): string => monitored.risks.map((risk) => riskTitles[risk]).join("、");
const matterOf = (monitored: MonitoredCase): string =>
  monitored.procedure === "inclusion" ? "拟纳入防返贫监测对象" : "拟消除风险";

/** Files the signed paper with the case's other papers. */
const fileWith = (tx: Tx<DB>, monitored: MonitoredCase, kind: string): Draft["whenSigned"] => {
  const { id: caseId, householdId, region } = monitored;
  return async ({ formId, fileId, signedOn, actor, now }) => {
    const about = { id: uuidv7(), caseId, householdId, region };
    await insertPaper(tx, { ...about, kind, detail: { formId, signedOn }, fileId, recordedBy: actorOf(actor), at: now });
    return { events: [] };
  };
};

/** M-03: what the household asks for and authorises; signed, the case's authorisation is given. */
export async function applicationDraft(tx: Tx<DB>, keys: Keys, asked: Asked) {
  const monitored = await lockCase(tx, asked.aboutId);
  if (!monitored) return refuse("case-not-found");
  const open = authorise(monitored);
  if (open instanceof Refusal) return open;
  const named = await namedMembers(tx, keys, monitored.householdId, asked.clear);
  return {
    ...aboutCase(monitored),
    facts: { members: named.versions, risks: monitored.risks },
    paper: {
      parts: [
        {
          part: "facts",
          rows: [
            ["户主", named.head],
            ["主要风险", risksOf(monitored)],
            ["是否因疫情", monitored.epidemic ? "是" : "否"],
          ],
        },
        named.table,
        {
          part: "text",
          text: "本户申请纳入防返贫监测,承诺所报情况真实完整。为核实本户情况,本户授权乡镇和县级有关部门查询、比对全体家庭成员的户籍、收入、就业、车辆、房产、工商登记、存款等信息,仅用于本次认定和之后的监测帮扶。本授权至风险消除之日止,本户可以书面撤回。",
        },
        { part: "cells", labels: ["困难情况(农户自述)"] },
      ],
      signers: ["户主", "其他成年家庭成员", "村经办人"],
    },
    whenSigned: async (given) => await recordAuthorisation(tx, monitored, given),
  } satisfies Draft;
}

/** M-03: the village review's record, with cells for the count where the review is still to come. */
export async function reviewDraft(tx: Tx<DB>, keys: Keys, asked: Asked) {
  const monitored = await lockCase(tx, asked.aboutId);
  if (!monitored) return refuse("case-not-found");
  const held = (await papersOf(tx, monitored.id)).filter(({ kind }) => kind === "village-review").at(-1);
  const ahead = takeShared(monitored, "village-review");
  if (ahead instanceof Refusal && held === undefined) return ahead;
  const named = await namedMembers(tx, keys, monitored.householdId, asked.clear);
  return {
    ...aboutCase(monitored),
    facts: { round: monitored.round, procedure: monitored.procedure, risks: monitored.risks },
    paper: {
      parts: [
        {
          part: "facts",
          rows: [
            ["评议事项", matterOf(monitored)],
            ["户主", named.head],
            ["主要风险", risksOf(monitored)],
          ],
        },
        { part: "cells", labels: ["评议日期和地点", "到会人数", "同意票数", "不同意票数", "主要意见", "评议结果"] },
      ],
      signers: ["主持人", "记录人", "参会代表", "参会代表", "参会代表"],
    },
    whenSigned: fileWith(tx, monitored, "village-review-record"),
  } satisfies Draft;
}

/** M-03: the notice as it is put up: what the platform masked, and nothing more. A photograph of it on the board comes back. */
export async function noticeDraft(tx: Tx<DB>, _keys: Keys, asked: Asked) {
  const monitored = await lockCase(tx, asked.aboutId);
  if (!monitored) return refuse("case-not-found");
  const posting = await lockPosting(tx, "monitored-case", monitored.id);
  if (posting?.state !== "posted") return refuse("case-state");
  return {
    ...aboutCase(monitored),
    facts: { posting: posting.id, body: posting.body },
    paper: {
      parts: [
        {
          part: "facts",
          rows: ["户主", "村", "事项", "监督电话"].map((label) => [label, posting.body[label] ?? ""] as const),
        },
        { part: "facts", rows: [["公示期", `${posting.startsOn} 至 ${posting.lastDay}`]] },
        { part: "text", text: "对公示内容有异议的,请在公示期内向村委会、乡镇或上列监督电话反映,反映人信息予以保密。" },
      ],
      signers: ["张贴人"],
    },
    whenSigned: fileWith(tx, monitored, "posting-photograph"),
  } satisfies Draft;
}

/** M-04c: that the household agrees its risk is gone; it is filed with the papers of the clearance. */
export async function clearanceDraft(tx: Tx<DB>, keys: Keys, asked: Asked) {
  const monitored = await lockCase(tx, asked.aboutId);
  if (!monitored) return refuse("case-not-found");
  if (monitored.status !== "clearance-proposed") return refuse("case-state");
  const named = await namedMembers(tx, keys, monitored.householdId, asked.clear);
  return {
    ...aboutCase(monitored),
    facts: { round: monitored.round, risks: monitored.risks, by: monitored.clearedBy, on: monitored.clearanceProposedOn },
    paper: {
      parts: [
        {
          part: "facts",
          rows: [
            ["户主", named.head],
            ["原有风险", risksOf(monitored)],
            ["消除方式", monitored.clearedBy === "nature" ? "自然消除" : "帮扶消除"],
            ["提出日期", monitored.clearanceProposedOn ?? ""],
          ],
        },
        {
          part: "text",
          text: "经核对,本户收入稳定,原有风险已经解除,义务教育、基本医疗、住房安全和饮水安全有保障,本户认可按程序消除风险。不认可的,请写明理由;消除后仍可申诉,出现新的困难可随时申报。",
        },
        { part: "cells", labels: ["农户意见"] },
      ],
      signers: ["户主", "帮扶责任人", "村经办人"],
    },
    whenSigned: fileWith(tx, monitored, "clearance-confirmation"),
  } satisfies Draft;
}
