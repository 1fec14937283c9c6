import { addDays, type BusinessDate, type Executor, parameterFor } from "@shouwang/service-kit";

export const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** The last day a department's file, or what came back of it, is kept (`feed.keepDays`): both hold people's numbers in clear for whoever may open them. */
export async function keptUntil(tx: Executor, region: string, today: BusinessDate): Promise<BusinessDate> {
  const { value } = await parameterFor(tx, "feed.keepDays", region, today);
  return addDays(today, value ?? 180);
}
