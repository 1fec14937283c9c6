import type { Channel, EndedBecause } from "../work-record/decide.ts";

/** How the ways of finding work are written; the first is the list's own word. */
export const channelWords: Readonly<Record<Channel, readonly string[]>> = {
  "own-search": ["外出务工(自主)", "自主外出", "自主就业", "自行外出", "自谋职业", "外出务工", "亲友介绍", "自发"],
  "organised-export": ["有组织输出", "组织输出", "劳务输出", "政府组织", "劳务协作", "劳务输出(有组织)", "人力资源公司"],
  "assistance-workshop": ["帮扶车间", "就业帮扶车间", "扶贫车间"],
  "public-welfare-post": ["公益性岗位", "乡村公益性岗位", "公益岗", "公益岗位"],
  enterprise: ["企业(县内)", "县内企业", "企业就业", "企业吸纳", "龙头企业"],
  "self-employed": ["个体/创业", "创业", "个体", "自主创业", "个体工商户"],
  "family-farm": ["家庭农场等", "家庭农场", "农业合作社", "合作社", "种养大户"],
  other: ["其他", "其它"],
};

export const becauseWords: Readonly<Record<EndedBecause, readonly string[]>> = {
  epidemic: ["疫情", "因疫情", "疫情影响", "受疫情影响", "因疫返乡"],
  "contract-ended": ["合同到期", "期满", "合同期满", "合同结束", "工程结束"],
  "laid-off": ["裁员", "停工", "企业停工", "停产", "企业停产", "企业裁员", "辞退"],
  health: ["患病", "身体原因", "生病", "健康原因", "受伤"],
  family: ["家庭原因", "照顾家庭", "照顾老人", "照顾小孩"],
  other: ["其他", "其它", "返乡", "离职", "辞职", "本人原因", "个人原因"],
};

/** Sections of the national classification of economic activities, as lists name them. */
export const industryWords: Readonly<Record<string, readonly string[]>> = {
  A: ["农、林、牧、渔业", "农林牧渔业", "农业", "种植业", "养殖业"],
  B: ["采矿业", "采矿"],
  C: ["制造业", "制造", "加工业"],
  D: ["电力、热力、燃气及水生产和供应业"],
  E: ["建筑业", "建筑"],
  F: ["批发和零售业", "批发零售业", "零售业", "零售"],
  G: ["交通运输、仓储和邮政业", "交通运输业", "运输业", "物流业", "快递"],
  H: ["住宿和餐饮业", "住宿餐饮业", "餐饮业", "餐饮"],
  I: ["信息传输、软件和信息技术服务业", "信息技术"],
  J: ["金融业", "金融"],
  K: ["房地产业", "房地产"],
  L: ["租赁和商务服务业", "商务服务业"],
  M: ["科学研究和技术服务业"],
  N: ["水利、环境和公共设施管理业"],
  O: ["居民服务、修理和其他服务业", "居民服务业", "服务业", "家政", "家政服务", "修理"],
  P: ["教育"],
  Q: ["卫生和社会工作", "卫生"],
  R: ["文化、体育和娱乐业", "娱乐业"],
  S: ["公共管理、社会保障和社会组织", "公共管理"],
  T: ["国际组织"],
};

const plain = (text: string): string => text.replaceAll(/\s/g, "").replaceAll("（", "(").replaceAll("）", ")");

/** What a word of a list means; undefined for one that nobody knows. */
export function meaning<Code extends string>(words: Readonly<Record<Code, readonly string[]>>, text: string): Code | undefined {
  const written = plain(text);
  // Safe: the keys of a record are its codes.
  const entries = Object.entries<readonly string[]>(words) as [Code, readonly string[]][];
  return entries.find(([code, spellings]) => code === written || spellings.includes(written))?.[0];
}
