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
