import { clause, text } from "../clause.ts";

/** The plan's preamble and its first part. */
export const monitoringClauses = [
  clause(
    "G-01",
    "platform",
    "target",
    text("守住不规模性返贫的底线", "Hold the line against large-scale return to poverty"),
    text(
      "按县、乡汇总线索早期迹象:线索突增、同因聚集或长期无线索都告警;首要数字是超期未核实的线索和严重而无措施的线索。",
      "Gathers early signs by county and township: a rise of risk leads, a cluster of one cause, or long silence sounds the alarm. The headline is leads unverified past their limit and severe ones without a measure.",
    ),
  ),
  clause(
    "G-02",
    "platform",
    "qualitative",
    text("应对疫情与巩固成果并举", "Answer the epidemic and keep what was won"),
    text(
      "各类记录都可标注“因疫”,所有报表都能按此切分。",
      "Every record can carry the epidemic tag, and every report can be cut by it.",
    ),
  ),
  clause(
    "M-01",
    "monitoring",
    "hard",
    text("三级专班与全面排查", "Task forces at three levels and full sweeps"),
    text(
      "登记区、市、县三级专班,缺者亮红;排查按村计覆盖率,疑似户转为线索,未见到的户列出名单。",
      "Keeps the register of task forces at region, city and county, a missing one in red. A sweep counts coverage by village, turns each suspicion into a risk lead and lists the households not yet seen.",
    ),
  ),
  clause(
    "M-02",
    "monitoring",
    "hard",
    text("村村有网格员,月月遍访", "A grid worker in every village, a round every month"),
    text(
      "每户只属一个网格;按自然月统计走访到的户数与网格总户数之比,无网格员的村每日列出。",
      "Each household belongs to one grid. Per calendar month, households seen over households in the grid; villages without a grid worker are listed daily.",
    ),
  ),
  clause(
    "M-03",
    "monitoring",
    "hard",
    text("严重困难先帮后认", "Help severe hardship at once"),
    text(
      "因疫严重困难线索一经发现即计时,措施送达才算响应;认定程序另行计时,互不等待。",
      "The clock of a severe, epidemic-caused risk lead starts when it is found and stops when a measure is delivered. Identification runs beside it on its own clock.",
    ),
  ),
  clause(
    "M-04a",
    "monitoring",
    "hard",
    text("按期落实帮扶责任人", "A helper in time"),
    text(
      "自纳入之日起限期为每个监测户指定帮扶责任人;责任人离任,另行计时补齐。",
      "From the day of inclusion each monitored household gets a helper within the limit; when a helper leaves, a new clock runs until there is another.",
    ),
  ),
  clause(
    "M-04b",
    "monitoring",
    "hard",
    text("户户有策、有档", "A plan and a file for each household"),
    text(
      "同一期限内,户级计划须批准,当时应有的档案材料须齐全;缺件逐项列明。",
      "By the same limit the household plan is approved and every part of the household file due by then is there; what is missing is named.",
    ),
  ),
  clause(
    "M-04c",
    "monitoring",
    "hard",
    text("责任人月度入户", "A home visit by the helper each month"),
    text(
      "每户每月须有责任人入户一次;电话不计入,全家外出的另列一栏;直至风险消除获批。",
      "Each monitored household has a home visit by one of its helpers every month until risk clearance is approved. Calls do not count; wholly absent households have a column of their own.",
    ),
  ),
  clause(
    "M-05",
    "monitoring",
    "hard",
    text("收入重点户的月帮扶和季分析", "Monthly help and quarterly analysis of focus households"),
    text(
      "按收入下降、收入偏低、因疫骤减三类条件提出重点户,由人确认;逐户记录月度帮扶和季度分析,缺收入的列入待补。",
      "Proposes focus households by fallen, low or sharply lost income; a person confirms. Each has its monthly help and its line in the quarterly analysis; missing incomes form a list.",
    ),
  ),
  clause(
    "M-06",
    "monitoring",
    "hard",
    text("村级台账与增收行动", "Village ledger sheets and income campaigns"),
    text(
      "从重点户自动生成村级台账;县乡行动逐户落实针对性措施,其他部门已兑现的措施也计入。",
      "Makes the village's ledger sheet from its focus households. Income campaigns see that each has a fitting measure; those delivered by other departments are credited.",
    ),
  ),
];
