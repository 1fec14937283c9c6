import { EmploymentImportFinished, refuse } from "@shouwang/contract";
import {
  businessDate,
  type ChunkResult,
  checkBankAccount,
  checkIdentityNumber,
  everyone,
  findJob,
  findReceivedList,
  type JobKind,
  ListBody,
  ListProgressView,
  listOfJob,
  listProblems,
  listProgressView,
  maskName,
  parseBusinessDate,
  parseDate,
  parseYuan,
  type RowReason,
  readWholeList,
  receiveList,
  refuseRows,
  writeRefusedRows,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { command, job, query } from "../kit.ts";
import { identityIndex } from "../registry/identity-store.ts";
import { amountOf, checkLine } from "./decide.ts";
import { keepers, PeriodPath, tellRoll } from "./period.ts";
import { type Placed, placePeople } from "./place.ts";
import { findByIndexes, findPeriod, insertImport, lockPeriod, type Period, periodOfImport, writeLines } from "./store.ts";

const intake = "labour-import";
const limits = {
  columns: [
    { key: "name", titles: ["姓名"] },
    { key: "identityNumber", titles: ["证件号码", "身份证号", "身份证号码", "公民身份号码"], required: true },
    { key: "days", titles: ["出工天数", "天数", "务工天数", "出勤天数", "工日"], required: true },
    { key: "rate", titles: ["日工资(元)", "日工资", "工资标准(元/日)", "工资标准", "日工资标准"], required: true },
    { key: "amount", titles: ["应发金额(元)", "应发金额", "金额(元)", "金额", "劳务报酬(元)", "劳务报酬"] },
    { key: "account", titles: ["银行账号", "银行卡号", "社保卡账号", "收款账号", "账号"] },
    { key: "signedOn", titles: ["签字日期", "签名日期", "本人签字日期"] },
  ],
  maxRows: 5_000,
  maxBytes: 5_242_880,
} as const;

export const importLines = command(
  {
    method: "post",
    operation: "import-labour-lines",
    path: "/labour-periods/{periodId}/imports",
    summary: { zh: "导入出工和劳务报酬名册", en: "Take in a list of days worked, one row a person" },
    clauses: ["E-14b", "E-15"],
    allow: keepers,
    params: PeriodPath,
    body: ListBody.extend({
      dryRun: z.stringbool().default(false).describe("A trial: every row is looked at and nothing is written"),
    }),
    upload: true,
    reply: z.object({ importId: z.string(), jobId: z.string() }),
    status: 202,
    problems: ["labour-period-not-found", "labour-period-state", ...listProblems],
  },
  async ({ tx, params: { periodId }, body, upload, actor, keys, now, today }) => {
    const period = await findPeriod(tx, periodId);
    if (!period) return refuse("labour-period-not-found");
    if (period.status !== "open") return refuse("labour-period-state");
    const { list, refusal } = await receiveList(
      { tx, upload, actor, keys, now, today },
      { ...body, intake, kind: "labour-roll", job: intake, title: "劳务报酬名册", limits, clause: "E-15" },
    );
    if (refusal) return refusal;
    await insertImport(tx, list, periodId);
    const about = { entity: "labour-period", entityId: periodId, region: period.region, clause: "E-15" };
    return {
      reply: { importId: list.id, jobId: list.jobId },
      audit: [{ action: "import-labour-lines", ...about, changed: { importId: list.id, ...body } }],
    };
  },
);

const count = z.int().default(0);
export const readImport = query(
  {
    operation: "read-labour-import",
    path: "/labour-imports/{importId}",
    summary: { zh: "查看名册导入进度和结果", en: "Read how far the taking in of a list is, and what came of it" },
    clauses: ["E-15"],
    allow: everyone,
    params: z.object({ importId: z.uuid() }),
    reply: ListProgressView.extend({ importId: z.string(), totals: z.object({ rows: count, taken: count, refused: count }) }),
    problems: ["labour-import-not-found"],
  },
  async ({ tx, params: { importId } }) => {
    const list = await findReceivedList(tx, intake, importId);
    const work = list && (await findJob(tx, list.jobId));
    if (!work) return refuse("labour-import-not-found");
    return { reply: { importId, ...listProgressView("employment", work), totals: work.totals } };
  },
);

type Row = {
  line: number;
  index: Buffer;
  name: string;
  days: number;
  rateFen: number;
  account: string | null;
  signedOn: string | null;
};
type Step = Parameters<JobKind<DB>["run"]>[0];

/** E-15: a roll from a list. All of it is written at once, or, where the period has left the desk meanwhile, none. */
export const labourImport = job({
  kind: intake,
  run: async (given): Promise<ChunkResult> => {
    const { tx, keys, input, now } = given;
    const list = await listOfJob(tx, intake, input);
    const locked = await lockPeriod(tx, await periodOfImport(tx, list.id));
    if (!locked) throw new Error("the period of this list is gone");
    const { roll, period } = locked;
    if (period.status !== "open") return { totals: {}, result: { fileRefused: notOpen } };
    // The file may turn out broken further down: nothing is written before its end.
    const rows: Row[] = [];
    const read = await readWholeList(given, list, limits, {
      read: ({ line, cells }) => readRow(line, cells, period, given),
      keep: async (some: readonly Row[]) => {
        rows.push(...some);
      },
      forget: async () => {},
    });
    if ("ended" in read) return read.ended;
    const placed = await placeRows(given, rows, period);
    await refuseRows(tx, list, placed.refused);
    if (!list.dryRun) await writeLines(tx, keys, period.id, placed.lines);
    const taken = placed.lines.length;
    const all = read.totals.refused + placed.refused.length;
    const errorsFile =
      all > 0 ? await writeRefusedRows(given, list, limits, `未导入-劳务报酬名册-${list.dataDate}.xlsx`) : undefined;
    const told = { importId: list.id, layout: "labour-roll", region: list.region, rows: read.totals.rows, taken, refused: all };
    return {
      totals: { rows: read.totals.rows, taken, refused: all },
      ...(errorsFile === undefined ? {} : { result: { errorsFile } }),
      events: list.dryRun
        ? []
        : [...(await tellRoll(tx, roll)), EmploymentImportFinished.of(list.id, 1, list.region, { ...told, unchanged: 0 })],
      audit: [
        {
          ...{ action: "finish-import", entity: "labour-period", entityId: period.id, region: period.region, clause: "E-15" },
          changed: { taken, refused: all, on: businessDate(now) },
        },
      ],
    };
  },
});

const notOpen = { rule: "labour-period-state", zh: "名册已公示,不能再导入", en: "The roll hangs already; nothing more goes in" };

function readRow(
  line: number,
  cells: Readonly<Record<string, string>>,
  period: Period,
  { keys, now }: Pick<Step, "keys" | "now">,
): { row: Row } | { reasons: RowReason[] } {
  const today = businessDate(now);
  const reasons: RowReason[] = [];
  const text = (key: string) => cells[key] ?? "";
  const parsed = <T extends { ok: true } | { ok: false; rule: string; zh: string; en: string }>(
    zh: string,
    en: string,
    of: T,
  ) => {
    if (!of.ok) reasons.push({ rule: of.rule, zh: `${zh}:${of.zh}`, en: `${en}: ${of.en}` });
    return of;
  };
  const identity = parsed("证件号码", "Identity number", checkIdentityNumber(text("identityNumber"), today));
  const rate = parsed("日工资", "A day's rate", parseYuan(text("rate")));
  const signed = text("signedOn") === "" ? undefined : parsed("签字日期", "Signed on", parseDate(text("signedOn")));
  const account = text("account") === "" ? undefined : parsed("银行账号", "Account", checkBankAccount(text("account")));
  const days = /^\d{1,3}$/.test(text("days")) ? Number(text("days")) : 0;
  const rateFen = rate.ok ? rate.value : 1;
  const signedOn = signed?.ok ? signed.value : null;
  const span = { from: parseBusinessDate(period.from), until: parseBusinessDate(period.until) };
  reasons.push(...checkLine({ days, rateFen, signedOn }, span, today).map(({ rule, zh, en }) => ({ rule, zh, en })));
  if (text("amount") !== "") {
    const amount = parsed("应发金额", "Amount", parseYuan(text("amount")));
    if (amount.ok && rate.ok && amount.value !== amountOf(days, rateFen))
      reasons.push({ rule: "amount-differs", zh: "应发金额:不等于天数×日工资", en: "Amount: not the days at that rate" });
  }
  if (!identity.ok || reasons.length > 0) return { reasons };
  const index = identityIndex(keys, identity.personKey);
  return { row: { line, index, name: text("name"), days, rateFen, account: account?.ok ? account.value : null, signedOn } };
}

const reasonAgainst = (placed: Placed | "no-member" | undefined, { name }: Row): RowReason | undefined => {
  if (!placed)
    return { rule: "not-registered", zh: "本辖区登记库中没有此证件号码的人员", en: "Nobody of this number in the area" };
  if (placed === "no-member")
    return { rule: "no-member-on-the-day", zh: "期初当日不在户", en: "No member of a household on the period's first day" };
  const { nameMask } = placed.worker;
  if (name === "" || nameMask === null || maskName(name) === nameMask) return undefined;
  return { rule: "name-differs", zh: "姓名:与该证件号码登记的姓名不符", en: "Name: not the one registered under this number" };
};

async function placeRows({ tx }: Step, rows: readonly Row[], period: Period) {
  const ids = await findByIndexes(
    tx,
    rows.map(({ index }) => index),
  );
  const people = await placePeople(
    tx,
    ids.filter((id) => id !== null),
    period,
  );
  const refused: [number, RowReason[]][] = [];
  const lines = new Map<string, Parameters<typeof writeLines>[3][number]>();
  for (const [at, row] of rows.entries()) {
    const personId = ids[at] ?? "";
    const placed = people.get(personId);
    const against = reasonAgainst(placed, row) ?? (lines.has(personId) ? twice : undefined);
    if (against || !placed || placed === "no-member") {
      refused.push([row.line, against ? [against] : []]);
      continue;
    }
    const { days, rateFen, account, signedOn } = row;
    lines.set(personId, {
      ...{ id: uuidv7(), personId, householdId: placed.householdId, region: period.region, target: placed.target },
      ...{ days, rateFen, amountFen: amountOf(days, rateFen), signedOn, account },
    });
  }
  return { refused, lines: [...lines.values()] };
}
const twice: RowReason = { rule: "person-twice", zh: "名册中有同一人的两行", en: "The list has two rows of this person" };
