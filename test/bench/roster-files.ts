import { divisionsUnder } from "@shouwang/regions";
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

/** A county's registry holds about so many of 250,000 households in 111 counties. */
const householdsPerCounty = 2_250;
const villagesOf = Map.groupBy(
  divisionsUnder("45", "village").map(({ code }) => code as string),
  (code) => code.slice(0, 6),
);

/** Made-up households, county by county, as each county's file has them; fewer households are fewer counties. */
export function* rosterFiles(households: number): Generator<{ county: string; content: Buffer; persons: number }> {
  const counties = [...villagesOf];
  const perCounty = Math.max(householdsPerCounty, Math.ceil(households / counties.length));
  for (let from = 0, at = 0; from < households; from += perCounty, at += 1) {
    const [county, villages] = counties[at] ?? ["", []];
    const lines = Array.from({ length: Math.min(perCounty, households - from) }, (_, n) => {
      const region = villages[Math.floor((n * villages.length) / perCounty)] ?? "";
      return linesOf({ ...syntheticHousehold(from + n), region });
    }).flat();
    yield { county, content: Buffer.from([header, ...lines].join("\r\n")), persons: lines.length };
  }
}
