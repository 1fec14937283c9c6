import type { EventDraft, Refusal } from "@shouwang/contract";
import { pathOf } from "@shouwang/regions";
import type { AuditEntry, BusinessDate, Keys, Paper, PaperPart, Principal, Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { labourSkills, relations } from "../household/code-lists.ts";
import { membersOf, type Person, revealPerson } from "../household/person-store.ts";

/** What is asked for: what the form is about, of which year where it is a year's, and whether names and numbers stand in clear. */
export type Asked = { aboutId: string; year: number | undefined; clear: boolean; today: BusinessDate };

/** What the signature brings about when the form comes back. */
type WhenSigned = (given: {
  formId: string;
  fileId: string;
  signedOn: string;
  actor: Principal;
  now: Date;
  today: BusinessDate;
}) => Promise<{ events: EventDraft[]; audit?: AuditEntry[] } | Refusal<"case-state" | "role-not-allowed">>;

/** A form as it would be printed now: its paper, the facts that must still stand when it comes back, and what its signature brings about. */
export type Draft = {
  entity: string;
  entityId: string;
  householdId: string;
  region: string;
  facts: unknown;
  paper: Pick<Paper, "parts" | "signers">;
  whenSigned: WhenSigned;
};

/** The people a form names, masked or in clear, with the versions that it then rests on. */
export type Named = { head: string; table: PaperPart; versions: readonly (readonly [id: string, version: number])[] };

export async function namedMembers(tx: Tx<DB>, keys: Keys, householdId: string, clear: boolean): Promise<Named> {
  const members = await membersOf(tx, householdId);
  const opened = new Map<string, { name: string; number: string }>();
  for (const { id } of clear ? members : []) {
    const found = await revealPerson(tx, keys, id);
    if (found) opened.set(id, { name: found.secret.name, number: found.secret.identityNumber });
  }
  const nameOf = (person: Person) => opened.get(person.id)?.name ?? person.nameMask;
  const term = (list: Readonly<Record<string, string>>, code: string) => list[code] ?? code;
  const head = members.find(({ relation }) => relation === "head") ?? members[0];
  return {
    head: head ? nameOf(head) : "",
    table: {
      part: "table",
      columns: [
        { title: "姓名", share: 3 },
        { title: "与户主关系", share: 3 },
        { title: "证件号码", share: 5 },
        { title: "劳动能力", share: 4 },
      ],
      rows: members.map((person) => [
        nameOf(person),
        term(relations, person.relation),
        opened.get(person.id)?.number ?? person.identityMask,
        term(labourSkills, person.labourSkill),
      ]),
    },
    versions: members.map(({ id, version }) => [id, version] as const),
  };
}

export const placeOf = (region: string): string => pathOf(region).join("");
