import {
  educations,
  healthStates,
  labourSkills,
  medicalInsurances,
  relations,
  schoolings,
} from "../../services/monitoring/src/household/code-lists.ts";
import { rosterColumns } from "../../services/monitoring/src/household-import/roster-row.ts";
import { type SyntheticHousehold, syntheticHousehold } from "../../services/monitoring/src/synthetic/population.ts";

const header = rosterColumns.map(({ titles }) => titles[0]).join(",");
const yesNo = (value: boolean | null) => (value === null ? "" : value ? "是" : "否");
/** The term of a code in a list, as a file has it. */
const term = (list: Record<string, string>, code: string | undefined) => (code === undefined ? "" : (list[code] ?? code));

function linesOf({
  householdNo,
  region,
  householdKind,
  guarantees,
  lowIncome,
  relocated,
  members,
}: SyntheticHousehold): string[] {
  const kind = householdKind === "lifted-household" ? "脱贫户" : "一般农户";
  const { schooling, medicalCare, housing, drinkingWater } = guarantees;
  const flags = [schooling, medicalCare, housing, drinkingWater, lowIncome, relocated].map(yesNo);
  return members.map((member) =>
    [
      ...[householdNo, region, kind, member.name, member.identityNumber, relations[member.relation]],
      ...[
        labourSkills[member.labourSkill],
        member.phone ?? "",
        term(schoolings, member.schooling),
        term(educations, member.education),
      ],
      ...[
        member.health.map((one) => term(healthStates, one)).join("、"),
        term(medicalInsurances, member.medicalInsurance),
        ...flags,
      ],
    ].join(","),
  );
}

/** Made-up households as each county's file has them. */
export function* rosterFiles(households: number): Generator<{ county: string; content: Buffer; persons: number }> {
  const made = new Map<string, string[]>();
  for (let n = 0; n < households; n += 1) {
    const household = syntheticHousehold(n);
    const county = household.region.slice(0, 6);
    const lines = made.get(county) ?? [];
    lines.push(...linesOf(household));
    made.set(county, lines);
  }
  for (const [county, lines] of made)
    yield { county, content: Buffer.from([header, ...lines].join("\r\n")), persons: lines.length };
}
