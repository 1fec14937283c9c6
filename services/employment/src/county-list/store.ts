import { type CountyFlag, type CountyFlagList, shippedCountyFlags } from "@shouwang/regions";
import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";

/** Every list of counties there is: those that come with the platform, and those loaded since. */
export async function countyFlagLists(tx: Tx<DB>): Promise<CountyFlagList[]> {
  const { rows } = await sql<{
    flag: CountyFlag;
    validFrom: string;
    validTo: string | null;
    counties: string[];
  }>`select list as flag, valid_from as "validFrom", valid_to as "validTo", counties from employment.county_list order by id`.execute(
    tx,
  );
  const source = { zh: "已载入的县名单", en: "List loaded with its document" };
  return [...shippedCountyFlags, ...rows.map((row) => ({ ...row, source }))];
}
