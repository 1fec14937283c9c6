import { blindIndex, type Keys, sealRecord, wholeNameToken } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { identityIndex } from "../household/person-store.ts";
import type { FeedRow } from "./check-row.ts";
import type { FeedLayout } from "./layout.ts";
import type { ReadRow } from "./store.ts";

/** A row as it may be stored: nothing of a person in clear. Its text is sealed under the id it will have as a record. */
export function sealRow(keys: Keys, layout: FeedLayout, line: number, row: FeedRow): ReadRow {
  const { personKey, name, birthDate, village, day, code, amountFen, totalFen, texts } = row;
  const recordId = uuidv7();
  const person = personKey ?? `${name} ${birthDate} ${village}`;
  const isNamed = village !== undefined && birthDate !== undefined;
  return {
    ...{ recordId, line, day, code, amountFen, totalFen },
    personIndex: personKey === undefined ? null : identityIndex(keys, personKey),
    nameToken: isNamed ? wholeNameToken(keys, name) : null,
    birthDate: isNamed ? birthDate : null,
    village: isNamed ? village : null,
    recordIndex: blindIndex(keys, layout.index, [...row.same, person].join(" ")),
    secret:
      Object.keys(texts).length === 0 ? null : sealRecord(keys, { table: "monitoring.department_record", id: recordId }, texts),
  };
}
