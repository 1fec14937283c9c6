import { CountyListLoaded } from "@shouwang/contract";
import { sql } from "kysely";
import { projection } from "../kit.ts";

/** Lists of counties as monitoring tells them. Can be folded again from the stream's beginning. */
export const countyLists = projection({
  name: "county-lists",
  events: [CountyListLoaded],
  tables: ["employment.county_list"],
  reset: async (tx) => {
    await sql`delete from employment.county_list`.execute(tx);
  },
  apply: async (tx, { data, envelope }) => {
    const { countyListId, list, counties, from, until } = CountyListLoaded.schema.parse(data);
    await sql`insert into employment.county_list (id, list, counties, valid_from, valid_to, version)
      values (${countyListId}, ${list}, ${counties}::text[], ${from}, ${until}, ${Number(envelope.sequence)})
      on conflict (id) do update set list = excluded.list, counties = excluded.counties, valid_from = excluded.valid_from, valid_to = excluded.valid_to,
        version = excluded.version`.execute(tx);
  },
});
