import { clause, text } from "../clause.ts";

/** The plan's second part. */
export const employmentClauses = [
  clause(
    "E-01",
    "employment",
    "target",
    text("脱贫人口务工规模", "Lifted people in work"),
    text(
      "按人去重统计在业人数和当年务工人数,与保底线、力争线对照;跨县只计一次。",
      "Counts each lifted person once, at work today and at work in the year, against the guarantee and the stretch line.",
    ),
  ),
  clause(
    "E-02",
    "employment",
    "hard",
    text("区外务工往返交通补助", "Transport subsidy for work outside the region"),
    text(
      "每人每年一次,金额取县定标准且不越上限;重点帮扶县上限较高;同年已在别处领取的拒绝。",
      "One transport subsidy per person and year, at the county's rate below its ceiling, which is higher in a key county; refused when already paid elsewhere for the year.",
    ),
  ),
  clause(
    "E-03",
    "employment",
    "target",
    text("公益岗安置规模不减", "Post holders not fewer than before"),
    text(
      "按市、县比较月末在岗人数与2020年底基数。",
      "Compares holders of public-welfare posts at month end with the end of 2020, by city and county.",
    ),
  ),
  clause(
    "E-04",
    "employment",
    ["hard", "soft"],
    text("公益岗补贴标准的上下限", "Bounds of the post rate"),
    text(
      "岗位标准高于最低工资的规定倍数即拒绝;低于当地低保须写明理由。比较的是标准,不是按出勤折算的实发额。",
      "A post rate above its multiple of the minimum wage is refused; one below the local subsistence allowance needs a reason. The rate is compared, not the pay after attendance.",
    ),
  ),
  clause(
    "E-05",
    "employment",
    "target",
    text("公益岗开发总量", "Public-welfare posts in the year"),
    text(
      "统计当年任一日有效的核定岗位数,旁列新开岗位和月末在岗人数。",
      "Counts the approved headcount of posts in force on any day of the year; newly opened posts and holders at month end stand beside it.",
    ),
  ),
  clause(
    "E-06",
    "employment",
    "qualitative",
    text("村集体办车间", "Workshops run by village collectives"),
    text(
      "标记村集体领办的车间,记录所获扶持和增长情况。",
      "Marks assistance workshops run by village collectives and records support given and growth.",
    ),
  ),
  clause(
    "E-07",
    "employment",
    "hard",
    text("大型安置区的车间数", "Workshops at large resettlement sites"),
    text(
      "逐区统计正常运营的车间,不足即告警;未报月报单列一种状态。",
      "Counts operating workshops at each large resettlement site and warns when there are too few; a missing monthly report is a state of its own.",
    ),
  ),
  clause(
    "E-08",
    "employment",
    "target",
    text("车间数与吸纳人数稳中有增", "Workshops and their workers steady or rising"),
    text(
      "两项分别与2020年底比较:持平为黄,增加为绿。",
      "Two figures, each against the end of 2020: equal is amber, above is green.",
    ),
  ),
  clause(
    "E-09",
    "employment",
    "hard",
    text("县内稳定就业劳务补助", "Labour subsidy for steady work in the own county"),
    text(
      "按人按月核算,标准在区间之内,每年月数封顶;公益岗月份和他处已补月份不再补;资金来源须合规。",
      "By person and month, at a rate within its bounds, up to the most months a year; never for a month at a post or already paid elsewhere, and only from an allowed source of money.",
    ),
  ),
  clause(
    "E-10",
    "employment",
    "hard",
    text("返乡人员一人一档", "A file for each returnee"),
    text(
      "因疫返乡的劳动力逐人建档、记录意愿、匹配帮扶,并按期回访。",
      "Each able worker back because of the epidemic has a returnee file, a recorded wish, a matching action and a follow-up.",
    ),
  ),
  clause(
    "E-11",
    "cooperation",
    "qualitative",
    text("职教就业联盟", "Alliance of vocational schools and employers"),
    text(
      "登记成员院校与企业、结对、活动和就业去向。",
      "Registers member schools and enterprises, their pairings, events and the graduates placed.",
    ),
  ),
  clause(
    "E-12",
    "employment",
    "hard",
    text("雨露计划及就业跟踪", "Yulu programme and tracking to a job"),
    text(
      "学历教育按人按学期、短期培训按人按班次各发一次;毕业后跟踪就业;应享未报的列出名单。",
      "One Yulu grant per person and term for schooling, one per person and course for short training; graduates are tracked to a job, and those entitled who have not applied are listed.",
    ),
  ),
  clause(
    "E-13",
    "employment",
    "qualitative",
    text("技工院校结对帮扶", "Technical schools paired with key counties"),
    text(
      "以院校对县、对安置区的矩阵显示结对覆盖和每季行动。",
      "A matrix of schools by county and resettlement site shows who is paired and what was done each quarter.",
    ),
  ),
  clause(
    "E-14a",
    "funds",
    "soft",
    text("小型项目优先以工代赈", "Work-for-relief first for small projects"),
    text(
      "限额以下的补短板项目采用其他方式须写明理由;疑似拆分只提示、不拦截。",
      "A small project that takes another mode passes with a reason; a suspected split is a hint, never a block.",
    ),
  ),
  clause(
    "E-14b",
    "funds",
    "qualitative",
    text("村集体承担、优先用脱贫劳动力", "Village collectives as implementers, lifted workers first"),
    text(
      "标记由村集体实施的项目,显示名册中脱贫户和监测户的占比。",
      "Marks projects a village collective carries out and shows the share of lifted and monitored households on the roll.",
    ),
  ),
  clause(
    "E-15",
    "funds",
    "hard",
    text("以工代赈劳务报酬占比", "Share of labour pay in work-for-relief"),
    text(
      "以项目的中央和自治区资金为分母,批准时看计划,验收时看已付;不足不得通过验收。",
      "Over the project's central and region money: planned labour pay at approval, paid labour pay at acceptance. Short pay blocks acceptance; a missing roll waits.",
    ),
  ),
];
