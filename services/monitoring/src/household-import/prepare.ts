import { type Keys, maskIdentityNumber, maskName, maskPhone, nameTokens, sealRecord } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { CheckedMember } from "../household/decide.ts";
import { identityIndex, type PersonSecret, placeOfPerson } from "../household/person-store.ts";
import type { Household } from "../household/store.ts";

/** A person as the tables take them: sealed, masked and indexed; nothing in clear. */
export type PreparedPerson = {
  id: string;
  secret: Buffer;
  index: Buffer;
  identityMask: string;
  nameMask: string;
  phoneMask: string | null;
  tokens: Buffer[];
  facts: Omit<CheckedMember, "name" | "identityNumber" | "phone" | "identity"> & { sex: "male" | "female"; birthDate: string };
};
export type PreparedHousehold = { household: Household; people: PreparedPerson[] };

type Entry = Pick<
  Household,
  "region" | "householdNo" | "householdKind" | "guarantees" | "lowIncome" | "relocated" | "synthetic"
> & {
  members: readonly CheckedMember[];
};

/** Makes a checked household ready to be stored: ids, seals, keyed indexes and masks. All that costs time and needs no database. */
export function prepareHousehold(keys: Keys, { members, ...entry }: Entry): PreparedHousehold {
  return {
    household: {
      ...entry,
      id: uuidv7(),
      hamlet: null,
      monitoredKind: null,
      riskCleared: false,
      headcount: members.length,
      ableWorkers: members.filter((member) => member.ableWorker).length,
      safetyNetOnly: false,
      status: "active",
      closedBecause: null,
      mergedInto: null,
      splitFrom: null,
      version: 1,
    },
    people: members.map((member) => preparePerson(keys, member)),
  };
}

function preparePerson(keys: Keys, { name, identityNumber: _, phone, identity, ...facts }: CheckedMember): PreparedPerson {
  const id = uuidv7();
  const secret: PersonSecret = { name, identityNumber: identity.value, ...(phone === undefined ? {} : { phone }) };
  return {
    id,
    secret: sealRecord(keys, placeOfPerson(id), secret),
    index: identityIndex(keys, identity.personKey),
    identityMask: maskIdentityNumber(identity.value),
    nameMask: maskName(name),
    phoneMask: phone === undefined ? null : maskPhone(phone),
    tokens: nameTokens(keys, name),
    facts: { ...facts, sex: identity.sex, birthDate: identity.birthDate },
  };
}
