import { clause, text } from "../clause.ts";

/** The plan's fifth part, social help and resident cadres. */
export const socialClauses = [
  clause(
    "S-01",
    "social",
    "qualitative",
    text("中央单位定点帮扶", "Designated assistance by central units"),
    text(
      "按领域登记中央单位的资金、项目、人员和销售,标记重点地区与人群。",
      "Registers what central units give by field: money, projects, people and sales; key areas and groups are marked.",
    ),
  ),
  clause(
    "S-02a",
    "social",
    "qualitative",
    text("第一书记和工作队履职", "First secretaries and resident teams at work"),
    text("四类任务清单、月度日志与驻村天数。", "A list of tasks in four classes, a monthly log and days in the village."),
  ),
  clause(
    "S-02b",
    "social",
    "hard",
    text("重点村各派第一书记", "A first secretary in each key village"),
    text("每个重点村恰有一人在岗,空缺超过限期亮红。", "Exactly one on duty in each key village; a gap past its limit is red."),
  ),
  clause(
    "S-02c",
    "social",
    "hard",
    text("安置村派驻队员", "Resident team members at resettlement sites"),
    text(
      "达到人口规模的安置点至少有一名队员在岗。",
      "Each resettlement site of the set population has at least one team member on duty.",
    ),
  ),
  clause(
    "S-03",
    "social",
    "target",
    text("民企结对国家重点县", "Private enterprises matched to national key counties"),
    text(
      "国家重点县逐县两格:区内民企、广东民企各至少一家,至年底不留空格。",
      "Two cells per national key county, one enterprise of the region and one of Guangdong; no empty cell at year end.",
    ),
  ),
  clause(
    "S-04a",
    "social",
    "qualitative",
    text("社会组织结对重点县", "Social organisations paired with key counties"),
    text(
      "登记社会组织与重点县的结对,显示覆盖情况。",
      "Registers pairings of social organisations with key counties and shows who is covered.",
    ),
  ),
  clause(
    "S-04b",
    "social",
    "qualitative",
    text("慈善组织募捐", "Fundraising by charities"),
    text(
      "只登记资格有效的慈善组织,募得与支出逐笔可查。",
      "Only charities with a valid licence; money raised and spent can be followed.",
    ),
  ),
  clause(
    "S-05",
    "social",
    "hard",
    text("捐赠帮扶企业的税费优惠", "Tax reliefs for helping enterprises"),
    text(
      "登记捐赠与票据,提示可享优惠并导出清单;直接捐给个人的注明不能扣除。只提示,不作认定。",
      "Records gifts and receipts, reminds of reliefs and exports the list; a direct gift is marked as not deductible. It informs and does not decide.",
    ),
  ),
  clause(
    "S-06",
    "social",
    "hard",
    text("困难群众信访办理", "Petitions of people in hardship"),
    text(
      "受理、办结、延期、复查、复核各有时限,核实、会商、答复须有记录;涉及困难的即转线索。",
      "Acceptance, conclusion, extension, review and recheck have their clocks; verifying, conferring and answering are recorded. Hardship in a petition becomes a risk lead at once.",
    ),
  ),
];
