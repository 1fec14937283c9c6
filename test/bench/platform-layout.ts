import { asAdmin } from "@shouwang/local";
import { divisionsUnder } from "@shouwang/regions";
import { type Keys, maskName, nameTokens } from "@shouwang/service-kit";

const surnames = "韦覃黄莫陆蓝罗梁李农陈潘卢蒙唐谭何周杨石".split("");
const given = "春秀丽芳军明强华伟梅兰英桂清文福勇玉德生".split("");
/** Names that people of the layout have. */
export const names = surnames.flatMap((surname) => given.flatMap((one) => given.map((other) => surname + one + other)));

/** Households over all villages, each with its head, who is found by name; what is sealed opens for nobody. @returns a household of each county, with its village */
export async function layOut(adminUrl: string, keys: Keys, households: number): Promise<{ id: string; region: string }[]> {
  const villages = divisionsUnder("45", "village").map((division) => division.code as string);
  const tokens = names.flatMap((name, n) => nameTokens(keys, name).map((token) => ({ n, token })));
  let sample: { id: string; region: string }[] = [];
  await asAdmin(adminUrl, async (admin) => {
    await admin.query("set synchronous_commit = off");
    // Every row is made to fit: checking each against the others would only take time.
    await admin.query("set session_replication_role = replica");
    await admin.query("create temporary table known (n int, mask text)");
    await admin.query("insert into known select n - 1, mask from unnest($1::text[]) with ordinality row (mask, n)", [
      names.map(maskName),
    ]);
    await admin.query("create temporary table known_token (n int, token bytea)");
    await admin.query("insert into known_token select * from unnest($1::int[], $2::bytea[])", [
      tokens.map(({ n }) => n),
      tokens.map(({ token }) => token),
    ]);
    await admin.query("analyze known, known_token");
    await admin.query(
      `insert into monitoring.household (id, region, household_kind, headcount, able_workers, schooling_ok, medical_care_ok, housing_ok, drinking_water_ok, synthetic, created_at, updated_at)
       select uuidv7(), ($1::text[])[1 + n % $2], case when n % 4 = 0 then 'lifted-household' else 'ordinary-household' end, 1, 1, true, true, true, true, true, now(), now()
       from generate_series(0, $3::int - 1) n`,
      [villages, villages.length, households],
    );
    await admin.query(
      `insert into monitoring.person (id, household_id, region, secret, identity_index, identity_mask, name_mask, sex, birth_date, relation, health, labour_skill, able_worker, student, since, number_verified)
       select uuidv7(), h.id, h.region, '\\x00', sha256(h.id::text::bytea), '4599**********0000', k.mask, 'male', date '1950-01-01' + (h.n % 18000)::int, 'head', '{healthy}', 'ordinary', true, false, '2021-01-01', true
       from (select *, row_number() over () as n from monitoring.household) h join known k on k.n = h.n % $1`,
      [names.length],
    );
    await admin.query(
      `insert into monitoring.name_token (token, person_id, region)
       select t.token, p.id, p.region from (select id, region, row_number() over (order by id) as n from monitoring.person) p join known_token t on t.n = p.n % $1`,
      [names.length],
    );
    for (const table of ["household", "person", "name_token"]) await admin.query(`vacuum analyze monitoring.${table}`);
    ({ rows: sample } = await admin.query<{ id: string; region: string }>(
      "select id, region from monitoring.household order by hashtext(id::text) limit 50000",
    ));
  });
  return sample;
}
