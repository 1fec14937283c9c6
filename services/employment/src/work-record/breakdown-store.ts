import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { Scope } from "./decide.ts";
import { type Counted, counted } from "./figure-store.ts";

/** Where somebody counts: the place of their latest record of the days, so that the parts make up the whole. */
const people = (asked: Counted) => sql`(select distinct on (w.person_id) w.region, w.scope, w.country, w.place
  ${counted(asked)} order by w.person_id, w.from_date desc, w.id desc) p`;

export type DivisionCount = { region: string; workers: number } & Record<
  "inCounty" | "inRegion" | "outsideRegion" | "abroad",
  number
>;

/** E-01 by division, of so many digits, each with where its people work; in order of codes. */
export async function countByScope(tx: Tx<DB>, asked: Counted, digits: number): Promise<DivisionCount[]> {
  const { rows } = await sql<DivisionCount>`select rpad(left(region, ${digits}), 12, '0') as region, count(*)::int as workers,
      count(*) filter (where scope = 'in-county')::int as "inCounty", count(*) filter (where scope = 'in-region')::int as "inRegion",
      count(*) filter (where scope = 'outside-region')::int as "outsideRegion", count(*) filter (where scope = 'abroad')::int as abroad
    from ${people(asked)} group by 1 order by 1`.execute(tx);
  return rows;
}

export type PlaceCount = { scope: Scope; country: string; place: string | null; workers: number };

/** E-01 by place of work: county within the region, city or province elsewhere as it is known, country abroad; the most people first. */
export async function countByPlace(tx: Tx<DB>, asked: Counted): Promise<PlaceCount[]> {
  const { rows } =
    await sql<PlaceCount>`select scope, country, case when scope = 'outside-region' then left(place, 4) else place end as place,
      count(*)::int as workers
    from ${people(asked)} group by 1, 2, 3 order by 4 desc, 2, 3`.execute(tx);
  return rows;
}
