import { type Finding, findingOf, yuan } from "../claimant/findings-decide.ts";
import type { TransportFacts, TransportRules } from "./terms-decide.ts";

const finding = findingOf("E-02");

/** The sum: the county's rate, or the fare below it where the county pays by ticket, never above the ceiling of the county's list on that day. */
export function sumOf(
  facts: TransportFacts,
  rules: TransportRules,
): { amountFen: number | null; listAwaited: boolean; findings: Finding[] } {
  const { rate, keyCounty } = rules;
  const key = keyCounty === "yes";
  const ceiling = key ? rules.keyCeiling : rules.ceiling;
  const ceilingKey = key ? "transport.cap.key" : "transport.cap.normal";
  const ceilingFinding = finding(
    "for",
    key ? "ceiling-key-county" : "ceiling",
    `${key ? "重点帮扶县" : "一般县"}上限每人每年${yuan(ceiling.value)}元`,
    `The ceiling of ${key ? "a key county" : "an ordinary county"} is ${yuan(ceiling.value)} yuan a person and year`,
    { parameter: ceilingKey, document: ceiling.document },
  );
  if (rate.value === null)
    return {
      ...{ amountFen: null, listAwaited: false },
      findings: [
        ceilingFinding,
        finding("waits", "rate-not-loaded", "本县补助标准未录入", "The county's rate is not loaded", {
          parameter: "transport.rate",
        }),
      ],
    };
  const listAwaited = rate.value > ceiling.value && keyCounty === "awaited" && rate.value <= rules.keyCeiling.value;
  const above = rate.value > ceiling.value && !listAwaited;
  const byTicket = rules.fareByTicket.value;
  const amountFen = byTicket && facts.fareFen !== null ? Math.min(rate.value, facts.fareFen) : rate.value;
  const about = { parameter: "transport.rate", document: rate.document };
  return {
    ...{ amountFen: above || (byTicket && facts.fareFen === null) || amountFen === 0 ? null : amountFen, listAwaited },
    findings: [
      finding(
        above ? "against" : "for",
        above ? "rate-above-ceiling" : "county-rate",
        `本县标准每人每年${yuan(rate.value)}元${above ? ",超过上限" : ""}`,
        `The county's rate is ${yuan(rate.value)} yuan a person and year${above ? ", above the ceiling" : ""}`,
        about,
      ),
      ceilingFinding,
      ...(listAwaited
        ? [
            finding(
              "for",
              "list-awaited",
              `自治区重点帮扶县名单未载入,暂按本县文件(${rate.document})执行,待名单核对`,
              `The region's list of key counties is not loaded: paid by the county's document (${rate.document}), marked to be looked at again`,
              about,
            ),
          ]
        : []),
      ...(byTicket
        ? [
            finding(
              facts.fareFen === null ? "waits" : "for",
              facts.fareFen === null ? "fare-needed" : "fare-by-ticket",
              facts.fareFen === null ? "本县凭票补助,须填写往返票价" : `凭票补助:票价${yuan(facts.fareFen)}元`,
              facts.fareFen === null
                ? "The county pays by ticket; the fare is needed"
                : `By ticket: the fare is ${yuan(facts.fareFen)} yuan`,
              { parameter: "transport.fareByTicket", document: rules.fareByTicket.document },
            ),
          ]
        : []),
    ],
  };
}
