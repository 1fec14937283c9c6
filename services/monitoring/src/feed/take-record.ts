import type { FeedLayout } from "./layout.ts";
import { compareWithRegistry, type Mismatch } from "./mismatch.ts";
import type { NewRecord } from "./record-store.ts";
import type { Member, ReadRow } from "./store.ts";

/** Where a record comes from. */
export type Sent = { feedId: string; department: string; document: string; dataDate: string };

type Row = Pick<ReadRow, "recordId" | "line" | "recordIndex" | "day" | "code" | "amountFen" | "totalFen" | "secret">;

/** The record a row of a member becomes, and where it disagrees with the registry. */
export function recordOf(
  row: Row,
  member: Member,
  sent: Sent,
  layout: FeedLayout,
): { record: NewRecord; mismatch: Mismatch | undefined } {
  const { recordId, line, recordIndex, day, code, amountFen, totalFen, secret } = row;
  const differs = compareWithRegistry({ kind: layout.record, code }, member.registry);
  const { householdId, region } = member;
  const personId = layout.about === "person" ? member.personId : null;
  const { department, document, dataDate } = sent;
  return {
    record: {
      ...{ recordId, line, recordIndex, day, code, amountFen, totalFen, secret, householdId, personId, region },
      ...sent,
      kind: layout.record,
      mismatch: differs?.ruleCode ?? null,
    },
    mismatch: differs && {
      ...differs,
      ...{ recordId, householdId, personId, region },
      source: { department, document, dataDate },
    },
  };
}
