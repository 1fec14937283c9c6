import { checkMobile } from "@shouwang/service-kit/identity-account";

/** One household's change of who answers for it or goes round to it, as a line of a sheet says. */
export type Reassignment =
  | { office: "helper"; household: string; from: string | null; to: string; name: string; unit: string; phone: string }
  | { office: "grid-worker"; household: string; to: string };
export type RowReason = { zh: string; en: string };

export const sheetColumns = [
  { key: "household", titles: ["户编号"], required: true },
  { key: "office", titles: ["岗位"], required: true },
  { key: "to", titles: ["接手人登录名", "接手人"], required: true },
  { key: "from", titles: ["原责任人登录名", "原责任人"] },
  { key: "name", titles: ["接手人姓名", "姓名"] },
  { key: "unit", titles: ["接手人单位", "单位"] },
  { key: "phone", titles: ["接手人电话", "联系电话", "电话"] },
] as const;
type Key = (typeof sheetColumns)[number]["key"];

const offices: Readonly<Record<string, Reassignment["office"]>> = {
  帮扶责任人: "helper",
  帮扶联系人: "helper",
  网格员: "grid-worker",
};

/** M-02, M-04a: what a line asks for, or everything that is wrong with it. */
export function readReassignment(cells: Readonly<Record<Key, string>>): Reassignment | readonly RowReason[] {
  const reasons: RowReason[] = [];
  const no = (zh: string, en: string) => void reasons.push({ zh, en });
  const office = offices[cells.office];
  if (!office) no("岗位须为帮扶责任人或网格员", "The office is helper or grid worker");
  if (cells.household === "") no("缺户编号", "The household's number is missing");
  if (cells.to === "" || cells.to.length > 200) no("缺接手人登录名", "The successor's sign-in is missing");
  if (office !== "helper")
    return reasons.length > 0 ? reasons : { office: "grid-worker", household: cells.household, to: cells.to };
  if (cells.name.length < 2 || cells.name.length > 40) no("缺接手人姓名", "The successor's name is missing");
  if (cells.unit.length < 2 || cells.unit.length > 80) no("缺接手人单位", "The successor's unit is missing");
  const phone = checkMobile(cells.phone);
  if (!phone.ok) no(phone.zh, phone.en);
  if (reasons.length > 0 || !phone.ok) return reasons;
  const { household, to, name, unit } = cells;
  return { office, household, from: cells.from || null, to, name, unit, phone: phone.value };
}
