import fc from "fast-check";
import { clinic } from "../../packages/service-kit/src/testing/clinic.testing.ts";
import { filesMirror, mirror } from "../../packages/service-kit/src/testing/mirror.testing.ts";
import { mirrorHash } from "../../packages/service-kit/src/testing/source.testing.ts";
import type { Callers, WardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";
import { wardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";
import type { Producer, Subscriber } from "./checker.ts";
import { type Kind, type Ledger, sample } from "./ledger.ts";

const region = "451228100003";
const slots = 8;

const fileChanged = (reply: Record<string, unknown>) => [
  { entity: "test-file", entityId: String(reply["fileId"]), version: Number(reply["version"]) },
];
const file: Kind = { entities: ["test-file"], told: fileChanged };
const visit = (fen: number): Kind => ({
  entities: ["test-visit"],
  told: (reply) => [{ entity: "test-visit", entityId: String(reply["visitId"]), version: 1, fen }],
});

/** One thing somebody does at the clinic: opens a file, weighs one again, or pays for a visit. */
const Deed = fc.record({
  what: fc.constantFrom("visit", "weigh", "open"),
  slot: fc.nat(slots - 1),
  n: fc.integer({ min: 1, max: 90_000 }),
});
const deeds = (count: number) => sample(Deed, count);

/** A clinic at work: what is done is written into the ledger. A file of whose last change nobody knows is left alone; another takes its place. */
export function clinicLoad(ledger: Ledger, by: (n: number) => Callers) {
  const files: ({ id: string; version: number } | undefined)[] = Array.from({ length: slots });
  const busy = new Set<number>();
  let sent = 0;

  const open = async (as: Callers, slot: number, weight: number) => {
    const reply = await ledger.send(file, (key) => as("county-officer", "451228").post("/test-files", { region, weight }, key));
    if (reply?.status === 201) files[slot] = { id: String(reply.json["fileId"]), version: 1 };
  };
  const weigh = async (as: Callers, slot: number, weight: number, known: { id: string; version: number }) => {
    const { id, version } = known;
    files[slot] = undefined;
    const reply = await ledger.send(file, (key) =>
      as("county-officer", "451228").patch(`/test-files/${id}`, { weight }, version, key),
    );
    if (reply?.status === 200) files[slot] = { id, version: version + 1 };
  };
  /** Whoever is told that nothing works waits a moment, as a client does by Retry-After. */
  const backOff = () => new Promise((resolve) => setTimeout(resolve, 50));
  const act = async ({ what, slot, n }: typeof Deed extends fc.Arbitrary<infer D> ? D : never) => {
    const as = by(sent++);
    const known = files[slot];
    if (!known || what === "open") return await open(as, slot, n);
    if (what === "weigh") return await weigh(as, slot, n, known);
    const body = { fileId: known.id, region, amountFen: n };
    await ledger.send(visit(n), (key) => as("county-officer", "451228").post("/visits", body, key));
  };
  /** Does so many things, a few at a time and never two with one file; `more` can end it early. */
  const work = async (count: number, more: () => boolean = () => true): Promise<void> => {
    const waiting = deeds(count);
    const hands = Array.from({ length: 4 }, async () => {
      for (let deed = waiting.shift(); deed && more(); deed = waiting.shift()) {
        const { slot } = deed;
        if (busy.has(slot)) continue;
        busy.add(slot);
        const unknown = ledger.unknown();
        await act(deed);
        if (ledger.unknown() > unknown) await backOff();
        busy.delete(slot);
      }
    });
    await Promise.all(hands);
  };
  /** Works until the returned function is called. */
  const workOn = (): (() => Promise<void>) => {
    let on = true;
    const load = (async () => {
      while (on) await work(200, () => on);
    })();
    return async () => {
      on = false;
      await load;
    };
  };
  return { work, workOn };
}

export const clinicProducer = (database: WardDatabase, natsUrl: string): Producer => ({
  service: "social",
  database,
  natsUrl,
  stored: "select id::text, version::int from clinic.file union all select id::text, 1 from clinic.visit",
  spent: "select coalesce(sum(amount_fen), 0)::int as fen from clinic.visit",
});

/** The mirror as a reader of the clinic: its reaction thanks for each visit once, its projection mirrors files and sums visits. */
export const mirrorSubscriber = (database: WardDatabase, name = "mirror"): Subscriber => ({
  name,
  database,
  lanes: 2,
  counts: [
    { entity: "test-visit", effects: "select visit_id as id, count(*)::int as times from mirror.thanks group by visit_id" },
  ],
  spent: "select coalesce(sum(amount_fen), 0)::int as fen from mirror.tally",
  projections: [{ reader: filesMirror, hash: mirrorHash }],
});

/** Databases of a clinic and of a mirror on the shared server. */
export const clinicAndMirror = () => Promise.all([wardDatabase(clinic, "kit_clinic"), wardDatabase(mirror, "kit_mirror")]);
