import type { NationalLayout } from "./layout.ts";
import type { NationalRow } from "./read-row.ts";
import type { Values } from "./registry-row.ts";

/** What must be masked before it is kept. */
type Personal = "name" | "identityNumber" | "phone";

/** One thing the two say differently. `ours` is null where the registry says nothing, `theirs` where the national system does not list the member. */
export type Difference = {
  personId: string | null;
  line: number | null;
  field: string;
  ours: string | null;
  theirs: string | null;
  personal?: Personal;
};

export type SheetRow = { line: number; personId: string | null; row: NationalRow };
export type RegistryHousehold = {
  values: Values;
  members: readonly { id: string; identityNumber: string; values: Values }[];
};

const personal: Readonly<Record<string, Personal>> = { name: "name", phone: "phone" };

/**
 * Compares what the national system says of one household with the registry, field by field (M-01): the household by the first of its rows that fills a field, each person
 * by theirs, and who is a member on one side only. What the sheet leaves empty is not compared.
 * @param tokenOf tells two unregistered people of a household apart without naming them
 */
export function compareHousehold(
  layout: NationalLayout,
  rows: readonly SheetRow[],
  registry: RegistryHousehold,
  tokenOf: (personKey: string) => string,
): Difference[] {
  const differences: Difference[] = [];
  const differs = (about: Pick<Difference, "personId" | "line">, field: string, ours: string | null, theirs: string) => {
    if (ours === theirs) return;
    differences.push({ ...about, field, ours, theirs, ...(personal[field] ? { personal: personal[field] } : {}) });
  };
  for (const { key, about, type } of layout.columns) {
    if (about !== "household" || type === "ignored") continue;
    const said = rows.find(({ row }) => row.values[key] !== undefined);
    const theirs = said?.row.values[key];
    if (said && theirs !== undefined) differs({ personId: null, line: said.line }, key, registry.values[key] ?? null, theirs);
  }
  const personFields = [...layout.columns.filter(({ about }) => about === "person").map(({ key }) => key), "certificate"];
  const members = new Map(registry.members.map((member) => [member.id, member]));
  const seen = new Set<string>();
  for (const { line, personId, row } of rows) {
    const member = personId === null ? undefined : members.get(personId);
    if (!member) {
      const field = `member-${tokenOf(row.personKey)}`;
      differences.push({ personId: null, line, field, ours: null, theirs: row.identityNumber, personal: "identityNumber" });
      continue;
    }
    if (seen.has(member.id)) continue;
    seen.add(member.id);
    for (const field of personFields) {
      const theirs = row.values[field];
      if (theirs !== undefined) differs({ personId: member.id, line }, field, member.values[field] ?? null, theirs);
    }
  }
  for (const { id, identityNumber } of registry.members)
    if (!seen.has(id))
      differences.push({
        personId: id,
        line: null,
        field: "member",
        ours: identityNumber,
        theirs: null,
        personal: "identityNumber",
      });
  return differences;
}

/** Whether a difference is one that somebody has to decide: where the registry says nothing of a field, nothing disagrees. */
export const isDisagreement = (difference: Pick<Difference, "field" | "ours">): boolean =>
  difference.ours !== null || difference.field.startsWith("member-");
