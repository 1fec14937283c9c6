import { v7 as uuidv7 } from "uuid";
import type { Office, Reply } from "../office.testing.ts";
import { newNumber, registerCouple, township, village } from "../people.testing.ts";

export const source = { source: "户口簿", document: "都派户字〔2022〕7号" };
export const on = "2022-08-15";
export const newVillage = "451229100001";

export type Member = { personId: string; relation: string; version: number };
/** A household as it was last seen: what a command about it is sent with. */
export type Seen = { householdId: string; version: number; members: Member[] };
/** Those that name the version they saw. */
export const versioned = [
  "change-household",
  "change-head",
  "close-household",
  "join-household",
  "split-household",
  "merge-households",
  "offer-household-move",
];

/** Reading and changing households over HTTP, each command as somebody sends it who saw the household so. @param office the one that is running by then */
export function registryOf(office: () => Office) {
  const asVillage = () => office().as("village-officer", village);
  const asTownship = () => office().as("township-officer", township);
  const read = async (householdId: string): Promise<Seen> => {
    const { json } = await asVillage().get(`/households/${householdId}`);
    return { householdId, version: Number(json["version"]), members: json["members"] as Member[] }; // Safe: the reply's own schema.
  };
  const couple = async () => await read(await registerCouple(office()));
  const child = () => ({ name: "韦小明", identityNumber: newNumber("2022-08-09", "male"), relation: "son", labourSkill: "none" });

  /** Every command about a household, as somebody sends it who saw it so. */
  const commands: Record<string, (seen: Seen) => Promise<Reply>> = {
    "change-household": ({ householdId, version }) =>
      asVillage().patch(`/households/${householdId}`, { lowIncome: true, ...source }, version),
    "change-head": (seen) =>
      asVillage().post(
        `/households/${seen.householdId}/head`,
        { relations: [...relations(seen), { personId: uuidv7(), relation: "head" }], ...source },
        undefined,
        seen.version,
      ),
    "close-household": ({ householdId, version }) =>
      asTownship().post(`/households/${householdId}/closure`, { code: "other", on, ...source }, undefined, version),
    "join-household": ({ householdId, version }) =>
      asVillage().post(
        `/households/${householdId}/members`,
        { member: child(), because: "birth", on, ...source },
        undefined,
        version,
      ),
    "split-household": ({ householdId, version, members }) =>
      asVillage().post(
        `/households/${householdId}/split`,
        { members: [{ personId: members[1]?.personId ?? uuidv7(), relation: "head" }], on, ...source },
        undefined,
        version,
      ),
    "merge-households": async ({ householdId, version }) => {
      const ceasing = await couple();
      return await asVillage().post(
        `/households/${householdId}/merge`,
        { mergedId: ceasing.householdId, mergedVersion: 1, members: relations(ceasing), on, ...source },
        undefined,
        version,
      );
    },
    "offer-household-move": ({ householdId, version }) =>
      asVillage().post(`/households/${householdId}/moves`, { toRegion: newVillage, reason: "work" }, undefined, version),
    "record-income": ({ householdId }) =>
      asVillage().post(`/households/${householdId}/incomes`, {
        kind: "annual",
        from: "2021-01-01",
        until: "2021-12-31",
        lines: [{ line: "planting", amountFen: 100 }],
      }),
    "register-risk-lead": ({ householdId }) =>
      asVillage().post("/risk-leads", {
        householdId,
        source: "monthly-round",
        cause: "illness",
        foundAt: office().now().toISOString(),
      }),
    "confirm-annual-update": ({ householdId }) =>
      asVillage().post(`/households/${householdId}/annual-updates/2021`, { headcount: 2, signature: { formId: uuidv7() } }),
  };

  /** Every command about one member, as somebody sends it who saw this version of the person. */
  const aboutMember: Record<string, (personId: string, version: number) => Promise<Reply>> = {
    "correct-person": (personId, version) =>
      asVillage().patch(`/persons/${personId}`, { labourSkill: "lost", ...source }, version),
    "leave-household": (personId, version) =>
      asVillage().post(`/persons/${personId}/leaving`, { because: "army", on, ...source }, undefined, version),
    "record-death": (personId, version) => asVillage().post(`/persons/${personId}/death`, { on, ...source }, undefined, version),
  };

  return { asVillage, asTownship, read, couple, commands, aboutMember };
}

/** Whom each is to the head. */
export const relations = ({ members }: Seen, relation = "other") => members.map(({ personId }) => ({ personId, relation }));
