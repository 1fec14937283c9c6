import { clause, text } from "../clause.ts";

/** The plan's fifth part, Guangdong–Guangxi cooperation. */
export const cooperationClauses = [
  clause(
    "C-01",
    "cooperation",
    "target",
    text("协作资金逐年增长", "Cooperation money grows each year"),
    text(
      "比较当年与上年的广东财政协作资金总额和县均额。",
      "Compares Guangdong's fiscal money with last year's, in total and per county.",
    ),
  ),
  clause(
    "C-02",
    "cooperation",
    "soft",
    text("向国家重点县倾斜", "Tilted towards national key counties"),
    text(
      "国家重点县的县均资金须高于其余协作县,显示两者之比。",
      "The average of the national key counties is above that of the other cooperation counties; the ratio is shown.",
    ),
  ),
  clause(
    "C-03",
    "cooperation",
    "hard",
    text("协作月调度、季通报", "Monthly review and quarterly bulletin"),
    text(
      "各协作县按月报送,迟报漏报列出;对照协议目标生成季通报。",
      "Each cooperation county returns its figures monthly, missing and late ones listed; the bulletin compares them with the agreement.",
    ),
  ),
  clause(
    "C-04",
    "cooperation",
    "qualitative",
    text("协作项目的利益联结", "Benefit linking of cooperation projects"),
    text(
      "每个协作产业项目登记联结方式和带动户。",
      "Each industry project of the cooperation files its benefit linking and the households it covers.",
    ),
  ),
  clause(
    "C-05",
    "cooperation",
    "target",
    text("协作资金产业占比", "Industry's share of cooperation money"),
    text(
      "只以广东财政协作资金为池;混合项目按各池所占部分计。",
      "Over Guangdong's fiscal money only; a mixed project counts with that pool's part.",
    ),
  ),
  clause(
    "C-06",
    "cooperation",
    "target",
    text("一县一园与示范园区", "County parks and model parks"),
    text(
      "每个协作县一至两个共建园区,无园亮红;全区统计示范园区。",
      "One or two county parks in each cooperation county, none is red; model parks counted for the region.",
    ),
  ),
  clause(
    "C-07",
    "cooperation",
    "qualitative",
    text("引进广东企业与投资", "Attracting enterprises and investment"),
    text(
      "记录对接走访、项目进展、到位资金和带动的岗位。",
      "Records contacts and visits, the pipeline of projects, money arrived and jobs made.",
    ),
  ),
  clause(
    "C-08",
    "social",
    "hard",
    text("消费帮扶列入单位考核", "Consumption assistance in each unit's assessment"),
    text(
      "每个帮扶单位每年都须有该项指标和得分,缺者亮红。",
      "Every assisting unit has this indicator and a score each year; a missing one is red.",
    ),
  ),
  clause(
    "C-09",
    "cooperation",
    "target",
    text("圳品认证", "Zhenpin certificates"),
    text(
      "统计当年首次获证的产品,续证不计;另列有证的协作县数。",
      "Counts first certificates dated in the year, renewals not; cooperation counties with at least one stand beside it.",
    ),
  ),
  clause(
    "C-10",
    "cooperation",
    "qualitative",
    text("广东机关单位采购", "Purchases by Guangdong's public bodies"),
    text("按买方类别汇总订单。", "Sums the orders by kind of buyer."),
  ),
  clause(
    "C-11",
    "cooperation",
    "qualitative",
    text("832平台上架", "Products on the 832 platform"),
    text(
      "按协作县看供应商、产品和销售额,与上年比较。",
      "Suppliers, products and sales by cooperation county, against last year.",
    ),
  ),
  clause(
    "C-12",
    "cooperation",
    "target",
    text("供粤供深示范基地", "Supply bases for Guangdong and Shenzhen"),
    text("统计当年新建的示范基地。", "Counts the supply bases newly built in the year."),
  ),
  clause(
    "C-13",
    "cooperation",
    "target",
    text("消费帮扶销售额", "Sales through consumption assistance"),
    text(
      "退款后净额汇总,同一平台同一订单号只计一次;其他疑似重复由人判断。",
      "Net of refunds, one order number of one platform once; other likely doubles are suspects for a person to decide.",
    ),
  ),
  clause(
    "C-14",
    "cooperation",
    "qualitative",
    text("四项技能工程与赴粤就读", "Four skill programmes and schooling in Guangdong"),
    text(
      "四类培训各设登记册;学生名单附毕业去向。",
      "A register for each programme; the list of students with what became of them.",
    ),
  ),
  clause(
    "C-15",
    "cooperation",
    "target",
    text("一县一企就业基地", "A county job base in each county"),
    text(
      "每个协作县至少一个有人在岗的基地,按月报人数。",
      "At least one base with active workers in each cooperation county; headcount by month.",
    ),
  ),
];
