import { divisionsUnder } from "@shouwang/regions";
import { importColumns } from "../../services/monitoring/src/household-import/layout.ts";
import { type SyntheticHousehold, syntheticHousehold } from "../../services/monitoring/src/synthetic/population.ts";

const header = importColumns.map(({ titles }) => titles[0]).join(",");
const yesNo = (value: boolean | null) => (value === null ? undefined : value ? "yes" : "no");

/** A household's rows under the list's own titles, codes in the words a county would write. */
function linesOf({
  householdNo,
  region,
  householdKind,
  guarantees,
  lowIncome,
  relocated,
  members,
}: SyntheticHousehold): string[] {
  const { schooling, medicalCare, housing, drinkingWater } = guarantees;
  const household: Record<string, string | undefined> = {
    ...{ village: region, householdNo, householdKind },
    ...{ schoolingOk: yesNo(schooling), medicalCareOk: yesNo(medicalCare), housingOk: yesNo(housing) },
    ...{ drinkingWaterOk: yesNo(drinkingWater), lowIncome: yesNo(lowIncome), relocated: yesNo(relocated) },
  };
  return members.map(({ health, ...member }) => {
    const person: Record<string, unknown> = member;
    return importColumns
      .map(({ key, codes }) => {
        const word = (code: string) => codes?.[code]?.[0] ?? code;
        if (key === "health") return health.map(word).join("、");
        return word(String(household[key] ?? person[key] ?? ""));
      })
      .join(",");
  });
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
