import { clause, text } from "../clause.ts";

/** The plan's fourth part. */
export const fundsClauses = [
  clause(
    "F-01a",
    "funds",
    "hard",
    text("自治区衔接资金按期安排", "Region bridging funds allocated in time"),
    text(
      "以年度预算为分母,看截止日前安排到县的比例;此后的批次计为迟到。",
      "Allocated to counties by the date, over the year's budget; batches after it count as late.",
    ),
  ),
  clause(
    "F-01b",
    "funds",
    "hard",
    text("市级衔接资金按期下达", "City bridging funds released in time"),
    text(
      "按市计算截止日前下达到县的比例,口径同自治区资金。",
      "Released to counties by the date, by city, in the same way as region money.",
    ),
  ),
  clause(
    "F-02",
    "funds",
    ["target", "soft"],
    text("年度项目完工率", "Completion of the year's projects"),
    text(
      "两种口径并列:冻结计划口径中,调出的项目仍留在分母;调整后口径只认经批准的调整。另列开工、验收、支付率。",
      "Two rates side by side: over the frozen plan, where removed projects stay in, and over the plan after approved changes. Started, accepted and paid rates beside them.",
    ),
  ),
  clause(
    "F-03",
    "funds",
    "soft",
    text("整合资金优先应对疫情", "Integrated funds first to answer the epidemic"),
    text(
      "标记整合试点县及方案文号,应对疫情的项目排序靠前。",
      "Marks pilot counties and their scheme, and ranks projects that answer the epidemic higher.",
    ),
  ),
  clause(
    "F-04",
    "funds",
    "qualitative",
    text("专项债项目储备", "Candidates for special bonds"),
    text(
      "登记候选项目,从谋划到拨付逐步跟踪。",
      "Keeps the candidates for special bonds and follows each from idea to money paid.",
    ),
  ),
  clause(
    "F-05",
    "funds",
    "soft",
    text("入库把关与排序", "Gate and order of the project library"),
    text(
      "部门审查是入库前提;按参与度、增收等得分排序,人工调整须写明理由。",
      "No library entry without the department's review; order by a score of participation and income; a change by hand needs a reason.",
    ),
  ),
  clause(
    "F-06",
    "funds",
    "hard",
    text("急需项目简化公示", "Shorter posting for urgent projects"),
    text(
      "急需项目须有事由和批准人,县、乡、村三级同日公示,期限缩短;其他项目用正常期限。",
      "An urgent project names its cause and approver; county, township and village post on the same day for the shorter time. All others keep the normal length.",
    ),
  ),
  clause(
    "F-07",
    "funds",
    ["hard", "soft"],
    text("项目资产及其收益", "Project assets and their income"),
    text(
      "约定到户分红先付清,其余先用于脱贫人口和监测对象;他用须写理由。资产每年盘点,闲置流失列出。",
      "Agreed dividends to households come first, then use for lifted and monitored people; other use needs a reason. Assets are counted yearly, idle and lost ones listed.",
    ),
  ),
  clause(
    "F-08",
    "funds",
    "hard",
    text("资产管护经费", "Money for asset upkeep"),
    text(
      "按县按年控制管护支出占自治区衔接资金的上限,只限公益性资产;久未使用则提示。",
      "Asset upkeep stays within its share of region bridging funds per county and year, for public-benefit assets only; unused money is pointed out.",
    ),
  ),
];
