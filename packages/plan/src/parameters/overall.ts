import { text } from "../clause.ts";
import { atLeast, atMost, parameter } from "../parameter.ts";

/** G-01, and what every indicator and month end uses. */
export const overallParameters = [
  parameter(
    "export.maxRows",
    "G-01",
    "count",
    200_000,
    "design",
    text("一次导出清单的最多行数", "Most rows of one exported list"),
    {
      bound: atMost,
    },
  ),
  parameter("alarm.windowDays", "G-01", "days", 28, "design", text("线索突增的观察天数", "Days a rise of leads is counted over")),
  parameter(
    "alarm.deviations",
    "G-01",
    "ratio",
    { numerator: 2, denominator: 1 },
    "design",
    text("高于均值的标准差倍数", "Standard deviations above the mean"),
  ),
  parameter(
    "alarm.minimumLeads",
    "G-01",
    "count",
    5,
    "design",
    text("告警所需最少线索数", "Fewest leads that can sound the alarm"),
    { bound: atLeast },
  ),
  parameter(
    "alarm.causeCluster",
    "G-01",
    "count",
    5,
    "design",
    text("同因聚集的线索数", "Leads of one cause that are a cluster"),
    { bound: atLeast },
  ),
  parameter(
    "alarm.silenceMonths",
    "G-01",
    "months",
    3,
    "design",
    text("无线索即告警的月数", "Months without a lead that sound the alarm"),
    { bound: atLeast },
  ),
  parameter("alarm.answerDays", "G-01", "days", 7, "design", text("告警答复天数", "Days to say what an alarm was about"), {
    bound: atMost,
  }),
  parameter(
    "list.keepDays",
    "M-01",
    "days",
    180,
    "design",
    text("导入文件原件保存天数", "Days a list that was sent in is kept"),
    {
      alsoIn: ["E-01", "E-09"],
    },
  ),
  parameter("month.preliminaryDay", "C-03", "day-of-month", 1, "design", text("初步数据日", "Day of the preliminary figures")),
  parameter(
    "month.lockDay",
    "C-03",
    "day-of-month",
    3,
    "design",
    text("上月数据冻结日(24时)", "Day last month's figures are frozen, 24:00"),
    { alsoIn: ["M-02", "M-04c"] },
  ),
  parameter("month.returnDay", "C-03", "day-of-month", 5, "design", text("月报报送截止日", "Day monthly returns are due")),
  parameter(
    "indicator.countyRedOnlyIfIssued",
    "I-01a",
    "flag",
    true,
    "design",
    text("县未下达任务的不亮红", "No red for a county without an issued target"),
    { alsoIn: ["I-01b", "I-07", "I-09a"] },
  ),
] as const;
