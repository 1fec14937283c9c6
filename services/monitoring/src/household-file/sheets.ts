import { businessDate, type WorkbookSpec, type WriteColumn, type WriteRow } from "@shouwang/service-kit";
import type { HelperSecret } from "../helper/store.ts";
import { healthStates, labourSkills, medicalInsurances, relations, schoolings } from "../household/code-lists.ts";
import type { PersonSecret } from "../household/person-store.ts";
import { viewOf } from "../household/views.ts";
import { formView } from "../printed-form/views.ts";
import { departments, needs } from "../referral/code-lists.ts";
import { workWords } from "../work-state/views.ts";
import { filePartNames } from "./decide.ts";
import type { LoadedFile } from "./load.ts";

/** What a full copy shows besides: sealed fields, opened for a purpose that is recorded. */
export type Opened = { people: ReadonlyMap<string, PersonSecret>; helpers: ReadonlyMap<string, HelperSecret> };

const term = (list: Readonly<Record<string, string>>, code: string | null): string => (code === null ? "" : (list[code] ?? code));
const yuan = (fen: number | null): number | null => (fen === null ? null : fen / 100);
const day = (at: Date | null): string => (at ? businessDate(at) : "");
const columns = (...titles: readonly (readonly [key: string, title: string, width?: number, text?: boolean])[]): WriteColumn[] =>
  titles.map(([key, title, width = 14, text = false]) => ({ key, title, width, text }));
const appealed = {
  verification: "入户核实排除",
  "village-review": "民主评议未通过",
  "township-check": "乡镇审核未通过",
  "county-approval": "县级审定不予纳入",
  clearance: "风险消除",
};
const appealEnds = { filed: "办理中", upheld: "维持", overturned: "撤销原决定", withdrawn: "已撤回", lapsed: "因农户注销终止" };
const states = { have: "已有", missing: "缺失", due: "待补", "not-due": "未到阶段" };

/** The file as a workbook: a sheet per part. Masked unless `opened` is given; identity numbers are text either way. */
export function fileSheets(
  file: LoadedFile,
  given: { title: string; note: string; footer: string; opened: Opened | undefined },
): WorkbookSpec[] {
  const sheet = (sheetName: string, of: WriteColumn[], rows: WriteRow[]): WorkbookSpec => ({
    sheetName,
    title: `${given.title}·${sheetName}`,
    note: given.note,
    footer: given.footer,
    columns: of,
    rows,
  });
  const household = viewOf(file.household);
  const cover: [string, string | number | null][] = [
    ["户编号", household.householdNo],
    ["所在村", household.place],
    ["屯(组)", household.hamlet],
    ["户类型", household.householdKind === "lifted-household" ? "脱贫户" : "普通农户"],
    ["监测对象类别", household.monitoredKind ?? "无"],
    ["风险是否已消除", household.riskCleared ? "是" : "否"],
    ["家庭人口", household.headcount],
    ["劳动力", household.ableWorkers],
    ["档案完整率(%)", file.completeness.percent],
  ];
  return [
    sheet(
      "封面",
      columns(["item", "项目", 20], ["value", "内容", 40]),
      cover.map(([item, value]) => ({ item, value })),
    ),
    sheet(
      "材料目录",
      columns(["part", "材料", 22], ["state", "状态"], ["since", "起始日期"], ["dueOn", "应有日期"]),
      file.parts.map((part) => ({
        part: filePartNames[part.part].zh,
        state: states[part.state],
        since: part.since,
        dueOn: part.dueOn,
      })),
    ),
    sheet(
      "家庭成员",
      columns(
        ["name", "姓名"],
        ["relation", "与户主关系"],
        ["number", "证件号码", 24, true],
        ["phone", "联系电话", 16, true],
        ["sex", "性别", 8],
        ["health", "健康状况", 18],
        ["labour", "劳动技能", 18],
        ["schooling", "在校生状况"],
        ["insurance", "医疗保险"],
      ),
      file.members.map((person) => {
        const secret = given.opened?.people.get(person.id);
        return {
          name: secret?.name ?? person.nameMask,
          relation: term(relations, person.relation),
          number: secret?.identityNumber ?? person.identityMask,
          phone: secret ? (secret.phone ?? "") : (person.phoneMask ?? ""),
          sex: person.sex === "male" ? "男" : "女",
          health: person.health.map((state) => term(healthStates, state)).join(","),
          labour: term(labourSkills, person.labourSkill),
          schooling: term(schoolings, person.schooling),
          insurance: term(medicalInsurances, person.medicalInsurance),
        };
      }),
    ),
    sheet(
      "务工情况",
      columns(["name", "姓名"], ["work", "务工", 36], ["since", "起"], ["until", "上次止"], ["returned", "返乡日期"]),
      file.work.map((view) => ({
        name:
          given.opened?.people.get(view.personId)?.name ?? file.members.find(({ id }) => id === view.personId)?.nameMask ?? "",
        work: workWords(view),
        since: view.since,
        until: view.lastUntil,
        returned: view.returnee?.returnedOn ?? null,
      })),
    ),
    sheet(
      "线索及核实",
      columns(["found", "发现日期"], ["cause", "风险"], ["severity", "程度"], ["status", "状态"], ["verified", "核实日期"]),
      file.leads.map((lead) => ({
        found: day(lead.foundAt),
        cause: lead.cause,
        severity: lead.severity,
        status: lead.status,
        verified: day(lead.verifiedAt),
      })),
    ),
    sheet(
      "认定过程",
      columns(["round", "轮次", 8], ["step", "环节", 22], ["outcome", "结果"], ["at", "日期"]),
      file.cases.flatMap(({ steps }) =>
        steps.map((step) => ({ round: step.round, step: step.step, outcome: step.outcome, at: day(step.at) })),
      ),
    ),
    sheet(
      "收入",
      columns(
        ["kind", "类别"],
        ["from", "起"],
        ["until", "止"],
        ["headcount", "人口", 8],
        ["net", "纯收入(元)"],
        ["perCapita", "人均(元)"],
      ),
      file.incomes.map((income) => ({
        kind: income.kind,
        from: income.from,
        until: income.until,
        headcount: income.headcount,
        net: yuan(income.netFen),
        perCapita: yuan(income.perCapitaFen),
      })),
    ),
    sheet(
      "部门发放",
      columns(
        ["title", "部门、项目、到账日期", 40],
        ["period", "所属期"],
        ["amount", "金额(元)"],
        ["year", "收入年度"],
        ["back", "追回日期"],
      ),
      file.credits.map((credit) => ({
        title: credit.title.zh,
        period: credit.period,
        amount: yuan(credit.amountFen),
        year: credit.incomeYear,
        back: credit.clawedBackOn,
      })),
    ),
    sheet(
      "帮扶责任人",
      columns(["name", "姓名"], ["unit", "单位", 26], ["phone", "电话", 16, true], ["from", "起"], ["until", "止"]),
      file.cases.flatMap(({ helpers }) =>
        helpers.map((helper) => {
          const secret = given.opened?.helpers.get(helper.id);
          return {
            name: secret?.name ?? helper.nameMask,
            unit: secret?.unit ?? "",
            phone: secret?.phone ?? helper.phoneMask,
            from: helper.from,
            until: helper.until,
          };
        }),
      ),
    ),
    sheet(
      "一户一策",
      columns(["risk", "风险", 18], ["category", "措施类别", 22], ["dueOn", "完成时限"], ["status", "状态"]),
      file.cases.flatMap(({ plan }) =>
        (plan?.items ?? []).map(({ risk, category, dueOn, status }) => ({ risk, category, dueOn, status })),
      ),
    ),
    sheet(
      "帮扶措施",
      columns(
        ["on", "落实日期"],
        ["category", "类别", 22],
        ["amount", "金额(元)"],
        ["source", "来源部门"],
        ["kind", "部门项目", 22],
        ["proof", "佐证", 8],
        ["back", "追回日期"],
      ),
      file.measures.map((measure) => ({
        on: day(measure.implementedAt),
        category: measure.category,
        amount: yuan(measure.amountFen),
        source: measure.sourceDepartment,
        kind: measure.sourceKind,
        back: measure.takenBackOn,
        proof: measure.fileId === null ? "无" : "有",
      })),
    ),
    sheet(
      "转介",
      columns(
        ["sent", "转介日期"],
        ["department", "部门"],
        ["office", "承办单位", 26],
        ["need", "需求", 18],
        ["status", "状态"],
        ["dueOn", "回复期限"],
        ["document", "答复文号", 24],
        ["delivered", "落实日期"],
      ),
      file.referrals.map((referral) => ({
        sent: day(referral.sentAt),
        department: departments[referral.department].zh,
        office: referral.office,
        need: needs[referral.need].zh,
        status: referral.status,
        dueOn: referral.dueOn,
        document: referral.document,
        delivered: day(referral.deliveredAt),
      })),
    ),
    sheet(
      "走访",
      columns(["on", "日期"], ["mode", "方式"], ["role", "走访人"], ["purposes", "事由", 28], ["changed", "有变化", 8]),
      file.visits.map((visit) => ({
        on: visit.visitedOn,
        mode: visit.mode,
        role: visit.visitorRole,
        purposes: visit.purposes.join(","),
        changed: visit.changed ? "是" : "否",
      })),
    ),
    sheet(
      "签字表",
      columns(["code", "编号", 18, true], ["kind", "表名", 30], ["printedOn", "打印日期"], ["signedOn", "签字日期"]),
      file.forms.map((form) => {
        const { code, title } = formView(form);
        return { code, kind: title.zh, printedOn: day(form.printedAt), signedOn: form.signedOn };
      }),
    ),
    sheet(
      "申诉",
      columns(
        ["against", "对何决定", 18],
        ["filedOn", "申诉日期"],
        ["dueOn", "裁定期限"],
        ["status", "结果"],
        ["decidedOn", "裁定日期"],
      ),
      file.appeals.map(({ against, filedOn, dueOn, status, decidedOn }) => ({
        against: appealed[against],
        filedOn,
        dueOn,
        status: appealEnds[status],
        decidedOn,
      })),
    ),
    sheet(
      "变更记录",
      columns(["version", "版本", 8], ["at", "日期"], ["source", "来源", 26], ["document", "依据文件", 30]),
      file.changes.map((change) => ({
        version: change.version,
        at: day(change.at),
        source: change.source,
        document: change.document,
      })),
    ),
  ];
}
