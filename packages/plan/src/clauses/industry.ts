import { clause, text } from "../clause.ts";

/** The plan's third part. */
export const industryClauses = [
  clause(
    "I-01a",
    "funds",
    ["target", "hard"],
    text("中央衔接资金产业占比", "Industry's share of central bridging funds"),
    text(
      "以当年下达的全部中央衔接资金为分母,两项检验:达到规定比例,且不低于上年。",
      "Over all central bridging funds released in the year, two tests: the set share, and not below last year's.",
    ),
  ),
  clause(
    "I-01b",
    "funds",
    "target",
    text("自治区衔接资金产业占比", "Industry's share of region bridging funds"),
    text(
      "须严格超过规定比例;乡村振兴补助资金另属一池,不计入。",
      "Strictly above the set share; the region revitalisation subsidy is another pool and never counted.",
    ),
  ),
  clause(
    "I-02",
    "funds",
    "soft",
    text("资金安排两个优先", "Two kinds of projects first"),
    text(
      "项目库按巩固成果、到户两类优先排序;先安排他类而到户项目缺资金的,予以列出。",
      "The project library puts consolidation and to-household projects first and lists to-household projects left without money while others got it.",
    ),
  ),
  clause(
    "I-03",
    "industry",
    "qualitative",
    text("补齐产业链环节", "Links of the whole chain"),
    text(
      "按产业链环节标记项目,显示数量与资金。",
      "Tags industry projects by link of the chain and shows their number and money.",
    ),
  ),
  clause(
    "I-04",
    "industry",
    "hard",
    text("产地仓奖补", "Award for origin warehouses"),
    text(
      "逐项核对条件与证明;三类资金合计不超过审定投资的规定比例,一仓一次;每年复核利润返还。",
      "Each condition has its proof. The award over all three pools stays within its share of the audited investment, once per warehouse; the profit return is checked every year.",
    ),
  ),
  clause(
    "I-05",
    "funds",
    "soft",
    text("联农带农项目倾斜", "Favour projects that link benefits to households"),
    text(
      "经营主体实施的产业项目须先报联农带农机制;机制、链条、可行性计入排序得分。",
      "A project run by an operator files its benefit linking before it gets money; mechanism, chain and feasibility enter the score.",
    ),
  ),
  clause(
    "I-06",
    "industry",
    "hard",
    text("政策明白卡到户", "A policy card for every household"),
    text(
      "为脱贫户和监测户逐户生成明白卡,记录送达和签收,统计到户率。",
      "Makes the policy card of each lifted and monitored household, records delivery and signature, and counts coverage.",
    ),
  ),
  clause(
    "I-07",
    "industry",
    "target",
    text("产业帮扶覆盖率", "Industry coverage"),
    text(
      "分母剔除无劳动力和已享就业帮扶的户,分子为至少有一项产业措施的户;剔除的户两边都不计。",
      "Households with an industry measure over all lifted and monitored ones, leaving out those without labour and those already helped to a job, on both sides.",
    ),
  ),
  clause(
    "I-08",
    "industry",
    "qualitative",
    text("庭院经济", "Courtyard economy"),
    text(
      "登记房前屋后的小项目并核对用地,收入计入经营性收入。",
      "Registers small ventures around the house, checks the land and feeds their income into the household's record.",
    ),
  ),
  clause(
    "I-09a",
    "industry",
    "target",
    text("小额信贷应贷尽贷", "No unmet demand for micro-credit"),
    text(
      "有意愿而逾期无结论的列入未满足名单;当年新增额与2021年同口径比较。",
      "Lists wishes for a loan undecided past their limit, and compares the year's new loans with those of 2021 in the same scope.",
    ),
  ),
  clause(
    "I-09b",
    "industry",
    "qualitative",
    text("银行与部门对接、线上放贷", "Banks and departments in touch, loans online"),
    text(
      "定期与银行交换名单和放款,显示线上渠道占比。",
      "Exchanges lists and loans with the banks regularly and shows the share granted online.",
    ),
  ),
  clause(
    "I-09c",
    "industry",
    "hard",
    text("国家重点县富民贷", "Fumin loans in national key counties"),
    text(
      "只向国家重点帮扶县的农户发放,额度、期限、利率均有上限;按县看趋势。",
      "Only for farm households of national key counties, within limits of amount, term and rate; trend by county.",
    ),
  ),
  clause(
    "I-10a",
    "industry",
    "qualitative",
    text("集体经济项目跟踪", "Tracking projects of village collectives"),
    text(
      "登记历年扶持的集体项目,核对应收与已收收益,欠收告警。",
      "Keeps all supported projects of village collectives, earlier years included; rent due and received, arrears warned of.",
    ),
  ),
  clause(
    "I-10b",
    "industry",
    "hard",
    text("集体收益分配", "Collective distribution"),
    text(
      "可分配总额或户均额达标其一,且议事与公开步骤依次完成,方可支付;结果按期公示。",
      "Allowed when the total or the amount per household reaches its threshold and the deliberations and disclosure were held in order; the result is posted in time.",
    ),
  ),
  clause(
    "I-11",
    "industry",
    "qualitative",
    text("电商渠道助销", "Selling through e-commerce"),
    text(
      "管理线上线下销售渠道,按产地县看销售额与上年增幅。",
      "Keeps the channels, online and off, and shows sales by county of origin against last year.",
    ),
  ),
];
