import {
  type HouseholdId,
  HouseholdRegistered,
  type HouseholdState,
  MonitoredCaseIncluded,
  type MonitoredCaseState,
  type PersonId,
  PersonIdentityRecorded,
  PersonJoinedHousehold,
  PersonPhoneRecorded,
  type PersonState,
} from "@shouwang/contract";
import { makeIdentityNumber } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import type { z } from "zod";
import { type Office, village } from "./office.testing.ts";

type Household = z.input<typeof HouseholdState>;
type Person = z.input<typeof PersonState>;
export type Member = { personId: string; identityNumber: string; state: Person };

/** A lifted household of the test's village as monitoring tells it; `more` says what is special about this one. */
export const householdState = (householdId: string, more: Partial<Household> = {}): Household => ({
  householdId,
  region: village,
  householdKind: "lifted-household",
  monitoredKind: null,
  riskCleared: false,
  headcount: 1,
  ableWorkers: 1,
  guarantees: { schooling: true, medicalCare: true, housing: true, drinkingWater: true },
  lowIncome: false,
  safetyNetOnly: false,
  relocated: false,
  resettlementSiteId: null,
  status: "active",
  closedBecause: null,
  mergedInto: null,
  splitFrom: null,
  ...more,
});

const personState = (personId: string, householdId: string | null, more: Partial<Person> = {}): Person => ({
  personId,
  householdId,
  region: village,
  status: "member",
  since: "2015-01-01",
  ableWorker: true,
  student: false,
  newEntrant: false,
  numberVerified: true,
  ...more,
});

let serial = 0;
/** A household with one person, both told publicly and the person privately; answers when all of it is known. */
export async function tellHousehold(
  office: Office,
  more: { household?: Partial<Household>; person?: Partial<Person>; birth?: string; on?: string; name?: string } = {},
): Promise<{ householdId: HouseholdId; member: Member }> {
  serial += 1;
  // Safe, both: ids made here.
  const householdId = uuidv7() as HouseholdId;
  const personId = uuidv7() as PersonId;
  const region = more.household?.region ?? village;
  const birthDate = more.birth ?? "1985-03-05";
  const identityNumber = makeIdentityNumber("451228", parseBusinessDate(birthDate), (serial * 2) % 998);
  const state = personState(personId, householdId, { region, ...more.person });
  await office.publish(
    [
      HouseholdRegistered.of(householdId, 1, region, householdState(householdId, more.household)),
      PersonJoinedHousehold.of(personId, 1, region, state),
    ],
    more.on ?? "2022-01-01",
  );
  await office.tell(
    PersonIdentityRecorded.of(personId, 1, region, {
      ...{ personId, identityNumber, name: more.name ?? "韦大明", birthDate, sex: "female" },
    }),
  );
  await office.tell(PersonPhoneRecorded.of(personId, 1, region, { personId, phone: "13800000000" }));
  await until(
    async () => {
      const rows = await office.database.rows(
        `select from employment.person p join employment.person_identity i on i.person_id = p.id
        where p.id = $1 and i.secret is not null and i.phone_mask is not null`,
        [personId],
      );
      return rows.length === 1;
    },
    { what: "the person to be known", timeoutMs: 30_000 },
  );
  return { householdId, member: { personId, identityNumber, state } };
}

/** A case of a household that is included from a day on. */
export const includedCase = (
  householdId: string,
  includedOn: string,
  more: Partial<z.input<typeof MonitoredCaseState>> = {},
): z.input<typeof MonitoredCaseState> => ({
  // Safe: the declaration parses its own example.
  ...(MonitoredCaseIncluded.about.example as z.input<typeof MonitoredCaseState>),
  caseId: uuidv7(),
  householdId,
  monitoredKind: "sudden-hardship",
  countyApprovedOn: includedOn,
  includedOn,
  ...more,
});
