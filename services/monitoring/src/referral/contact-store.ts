import type { Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import type { Department } from "./code-lists.ts";

export type Contact = { region: string; department: Department; office: string; from: string };

const columns = ["region", "department", "office", "from_date"] as const;
const fromRow = (row: { region: string; department: string; office: string; from_date: string }): Contact => ({
  region: row.region,
  // Safe: the one writer takes the department from the contract's own list.
  department: row.department as Department,
  office: row.office,
  from: row.from_date,
});

/** Who takes referrals now, of the counties the caller may see. */
export async function listContacts(tx: Tx<DB>): Promise<Contact[]> {
  const rows = await tx
    .selectFrom("monitoring.referral_contact")
    .select(columns)
    .where("until_date", "is", null)
    .orderBy("region")
    .orderBy("department")
    .execute();
  return rows.map(fromRow);
}

/** Who takes referrals at a county's department. @param county 12 digits */
export async function findContact(tx: Tx<DB>, county: string, department: Department): Promise<Contact | undefined> {
  const row = await tx
    .selectFrom("monitoring.referral_contact")
    .select(columns)
    .where("region", "=", county)
    .where("department", "=", department)
    .where("until_date", "is", null)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** Names the office that takes referrals from today on; the one before stays in the history. */
export async function replaceContact(tx: Tx<DB>, contact: Contact, given: { by: string; at: Date }): Promise<void> {
  await tx
    .updateTable("monitoring.referral_contact")
    .set({ until_date: contact.from })
    .where("region", "=", contact.region)
    .where("department", "=", contact.department)
    .where("until_date", "is", null)
    .execute();
  await tx
    .insertInto("monitoring.referral_contact")
    .values({
      id: uuidv7(),
      region: contact.region,
      department: contact.department,
      office: contact.office,
      from_date: contact.from,
      set_by: given.by,
      at: given.at,
    })
    .execute();
}
