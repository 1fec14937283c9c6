/** So many records of one name are compared with each other, pair by pair. Of more, a list of pairs is no help: they are told apart by their numbers. */
export const mostOfOneName = 20;

/** A member as the comparison knows one: never by name, but by what stands for the whole of it. */
export type Alike = {
  id: string;
  householdId: string;
  region: string;
  relation: string;
  birthDate: string;
  sex: string;
  /** The tokens of the whole name. */
  name: string;
};

export type Kind = "person" | "household";
export type Pair = { kind: Kind; one: Alike; other: Alike };

/** What records that may be one have in common: people their name, sex and birth date; households of a village the name of their heads. */
export const likeness: Record<Kind, (record: Alike) => string> = {
  person: (record) => [record.birthDate, record.sex, record.name].join("|"),
  household: (record) => [record.region, record.name].join("|"),
};

/**
 * The pairs that may be one, each with a record that was asked about (M-01). Where more than `most` records are alike, only the earliest `most` of them are
 * compared, whoever is asked about: so a name of a whole village comes to `most · (most − 1) / 2` pairs and no more, in whatever order it was registered.
 */
export function pairsOf(kind: Kind, asked: ReadonlySet<string>, records: readonly Alike[], most: number = mostOfOneName): Pair[] {
  const groups = Map.groupBy(new Map(records.map((record) => [record.id, record])).values(), likeness[kind]);
  return [...groups.values()].flatMap((group) => {
    const compared = group.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, most);
    return compared.flatMap((one, place) =>
      compared
        .slice(place + 1)
        .filter((other) => asked.has(one.id) || asked.has(other.id))
        // Two of one household are two heads of it, which is a suspect of its own; two people of one name and birth date may be one wherever they stand.
        .filter((other) => kind === "person" || one.householdId !== other.householdId)
        .map((other) => ({ kind, one, other })),
    );
  });
}
