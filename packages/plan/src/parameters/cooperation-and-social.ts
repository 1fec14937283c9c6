import { text } from "../clause.ts";
import { atLeast, atMost, parameter, percent } from "../parameter.ts";

const petitions = { document: text("信访工作条例(2022年5月1日施行)", "Regulations on petition work, in force from 2022-05-01") };
const deduction = {
  document: text(
    "扶贫捐赠所得税公告(2019年第49号、2021年第18号)",
    "Notices on the deduction of gifts, 2019 no. 49 and 2021 no. 18",
  ),
};

export const cooperationParameters = [
  parameter(
    "cooperation.growthStrict",
    "C-01",
    "flag",
    true,
    "design",
    text("协作资金须严格多于上年", "Cooperation money must be more than last year's"),
  ),
  parameter(
    "cooperation.tiltStrict",
    "C-02",
    "flag",
    true,
    "design",
    text("国家重点县均额须严格更高", "The national key counties' average must be higher"),
  ),
  parameter(
    "coop.industry.min",
    "C-05",
    "ratio",
    percent(55),
    "plan",
    text("协作资金产业占比下限", "Least share of industry in cooperation money"),
    { bound: atLeast },
  ),
  parameter("park.countyMax", "C-06", "count", 2, "plan", text("每县共建园区数上限", "Most parks per county"), { bound: atMost }),
  parameter("order.scope", "C-13", "choice", "all", "design", text("销售额统计范围", "Whose purchases count"), {
    options: ["all", "cooperation-only"],
  }),
] as const;

export const socialParameters = [
  parameter("resident.daysPerMonth", "S-02a", "days", 20, "regulation", text("每月驻村天数", "Days in the village per month"), {
    bound: atLeast,
  }),
  parameter(
    "firstSecretary.gapDays",
    "S-02b",
    "days",
    15,
    "design",
    text("第一书记空缺天数", "Days a key village may be without first secretary"),
    { bound: atMost },
  ),
  parameter(
    "settlement.team",
    "S-02c",
    "persons",
    800,
    "plan",
    text("派驻队员的安置点人口", "Population of a site that has a resident team"),
    { bound: atLeast },
  ),
  parameter(
    "match.lapseMonths",
    "S-03",
    "months",
    12,
    "design",
    text("结对无行动失效月数", "Months without action after which a match lapses"),
    { bound: atMost, alsoIn: ["S-04a"] },
  ),
  parameter(
    "donation.fullDeductionFrom",
    "S-05",
    "date",
    "2019-01-01",
    "regulation",
    text("捐赠全额扣除首日", "First day gifts are fully deductible"),
    deduction,
  ),
  parameter(
    "donation.fullDeductionTo",
    "S-05",
    "date",
    "2025-12-31",
    "regulation",
    text("捐赠全额扣除末日", "Last day gifts are fully deductible"),
    deduction,
  ),
  parameter(
    "donation.profitShare",
    "S-05",
    "ratio",
    percent(12),
    "regulation",
    text("一般捐赠扣除占利润上限", "Share of profit other gifts are deductible up to"),
    { bound: atMost },
  ),
  parameter(
    "donation.carryYears",
    "S-05",
    "years",
    3,
    "regulation",
    text("一般捐赠结转年数", "Years other gifts are carried forward"),
    { bound: atMost },
  ),
  parameter(
    "petition.acceptDays",
    "S-06",
    "days",
    15,
    "regulation",
    text("信访受理告知天数", "Days to tell whether a petition is accepted"),
    { bound: atMost, ...petitions },
  ),
  parameter("petition.concludeDays", "S-06", "days", 60, "regulation", text("信访办结天数", "Days to conclude a petition"), {
    bound: atMost,
    ...petitions,
  }),
  parameter("petition.extensionDays", "S-06", "days", 30, "regulation", text("信访延期天数", "Days a petition may be extended"), {
    bound: atMost,
    ...petitions,
  }),
  parameter("petition.reviewDays", "S-06", "days", 30, "regulation", text("信访复查天数", "Days for a petition's review"), {
    bound: atMost,
    ...petitions,
  }),
  parameter("petition.recheckDays", "S-06", "days", 30, "regulation", text("信访复核天数", "Days for a petition's recheck"), {
    bound: atMost,
    ...petitions,
  }),
] as const;
