import { type EventDraft, Refusal, WorkRecordChanged, WorkRecordEnded, WorkRecordStarted } from "@shouwang/contract";
import { type Keys, maskName, type RowReason } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { ManyWorker, Written } from "../work-record/bulk-store.ts";
import { type Channel, checkWork, type EndedBecause, scopeOf, type WorkAges } from "../work-record/decide.ts";
import { employerIndex, openWorkSecret, stateOfWork, type WorkRecord, type WorkRecordRow } from "../work-record/store.ts";
import type { Found } from "../work-suspect/store.ts";
import { channelWhereUnsaid, compareInsurance, type Held, merge, recordOf, type Told } from "./decide.ts";
import type { InsuredRow, WorkRow } from "./read-row.ts";

/** A record as rows see it; `version` 0 is one that this list brings. */
type Known = WorkRecord & Held & Pick<WorkRecordRow, "secret">;
export type Outcome = "started" | "changed" | "ended" | "unchanged" | "agrees" | "differs";

/**
 * What the rows of one list make of the records of its people, chunk by chunk: new ones, changed ones, what is told of them and what looks wrong. Rows of one person
 * see what the rows before them made.
 */
export class Taking {
  readonly events: EventDraft[] = [];
  readonly found: Found[] = [];
  readonly #written = new Map<string, Written & { fresh: boolean }>();
  readonly #records = new Map<string, Known[]>();
  readonly #given: { keys: Keys; dataDate: string; source: string };
  constructor(given: { keys: Keys; dataDate: string; source: string }) {
    this.#given = given;
  }

  fresh = (): Written[] => [...this.#written.values()].filter(({ fresh }) => fresh);
  changed = (): Written[] => [...this.#written.values()].filter(({ fresh }) => !fresh);

  #recordsOf(worker: ManyWorker): Known[] {
    const known = this.#records.get(worker.id);
    if (known) return known;
    const made = worker.records.map((row) => ({ ...row, employerKey: row.employerIndex?.toString("base64") ?? null }));
    this.#records.set(worker.id, made);
    return made;
  }

  /** Takes a row of somebody at work, or says why not. */
  work(worker: ManyWorker, row: WorkRow, ages: WorkAges): Outcome | { reasons: RowReason[] } {
    const told = this.#told(worker, row);
    if ("rule" in told) return { reasons: [told] };
    const records = this.#recordsOf(worker);
    const before = recordOf(records, told);
    if (!before) {
      const checked = checkWork({ id: "", from: told.from, until: told.until }, worker.workerOn(told.from), ages);
      if (checked instanceof Refusal) return { reasons: reasonsOf(checked) };
      this.#start(worker, row, told, checked.householdId, records);
      return "started";
    }
    const merged = merge(before, told, this.#given.dataDate);
    if (merged.contradicted) this.found.push(about("at-work-by-roll", before));
    if (merged.step === "unchanged" && merged.record.checkedOn === before.checkedOn) return "unchanged";
    const span = { id: before.id, from: before.from, until: merged.record.until };
    const checked = merged.step === "ended" ? checkWork(span, worker.workerOn(before.from), ages) : undefined;
    if (checked instanceof Refusal) return { reasons: reasonsOf(checked) };
    this.#save(records, before, merged.record, merged.step, row);
    return merged.step;
  }

  /** Compares a row of an insurance with what is recorded: it changes nothing but the day somebody was last known to be at work. */
  insured(worker: ManyWorker, row: InsuredRow): Outcome | { reasons: RowReason[] } {
    const differs = nameReason(worker, row.name);
    if (differs) return { reasons: [differs] };
    const records = this.#recordsOf(worker);
    const compared = compareInsurance(records, { ...row, employerKey: this.#keyOf(row.employer) });
    if (compared.says === "agrees") {
      const { record } = compared;
      const over = row.until < this.#given.dataDate;
      const seen = over ? row.until : this.#given.dataDate;
      if (record.until === null && (record.checkedOn ?? "") < seen)
        this.#save(records, record, { ...record, checkedOn: seen }, "unchanged", undefined);
      return "agrees";
    }
    if (compared.says === "insured-elsewhere") this.found.push(about("insured-elsewhere", compared.record));
    else {
      const { householdId } = worker.workerOn(row.from);
      const person = { personId: worker.id, householdId, region: worker.region };
      const period = row.from.slice(0, 4);
      this.found.push({
        ...person,
        ruleCode: "insured-not-recorded",
        about: "person",
        aboutId: worker.id,
        otherId: null,
        period,
      });
    }
    return "differs";
  }

  #keyOf(employer: string | null): string | null {
    return employer === null ? null : employerIndex(this.#given.keys, employer).toString("base64");
  }

  #told(worker: ManyWorker, row: WorkRow): (Told & { channel: Channel }) | RowReason {
    const differs = nameReason(worker, row.name);
    if (differs) return differs;
    const scope = scopeOf(row, worker.region);
    if (scope === "county-needed")
      return { rule: "county-needed", zh: "务工地点:区内务工须写明县", en: "Workplace: the county is needed within the region" };
    return {
      ...{ creditCode: row.creditCode, employerKey: this.#keyOf(row.employer), country: row.country, place: row.place, scope },
      ...{ industry: row.industry, monthlyWageFen: row.monthlyWageFen, pointToPoint: row.pointToPoint },
      ...{ from: row.from, until: row.until, endedBecause: row.because },
      // Safe: the reader takes it from the list of channels.
      channel: (row.channel as Channel | null) ?? channelWhereUnsaid(scope, row.pointToPoint),
    };
  }

  #start(worker: ManyWorker, row: WorkRow, told: Told & { channel: Channel }, householdId: string, records: Known[]): void {
    const record: WorkRecord = {
      ...{ id: uuidv7(), personId: worker.id, householdId, region: worker.region, country: told.country, place: told.place },
      ...{ scope: told.scope, channel: told.channel, industry: told.industry, creditCode: told.creditCode },
      ...{ monthlyWageFen: told.monthlyWageFen, pointToPoint: told.pointToPoint, source: this.#given.source },
      // Safe: the reader takes it from the list of reasons.
      ...{ from: told.from, until: told.until, endedBecause: told.endedBecause as EndedBecause | null },
      ...{ checkedOn: this.#given.dataDate, voidedOn: null, version: 1 },
    };
    this.#written.set(record.id, { record, secret: { employer: row.employer, note: row.trade }, fresh: true });
    const known: Known = { ...record, employerKey: told.employerKey, secret: null };
    records.push(known);
    const event = record.until === null ? WorkRecordStarted : WorkRecordEnded;
    this.events.push(event.of(record.id, 1, record.region, stateOfWork(record)));
  }

  #save(records: Known[], before: Known, after: Known, step: "unchanged" | "changed" | "ended", row: WorkRow | undefined): void {
    // Being found at work once more is no change of what the record says: neither version nor event.
    const next = { ...after, version: before.version + (step === "unchanged" ? 0 : 1) };
    records[records.indexOf(before)] = next;
    const written = this.#written.get(before.id);
    const named = row !== undefined && row.employer !== null && before.employerKey === null;
    const kept = written?.secret ?? (named ? openWorkSecret(this.#given.keys, before) : undefined);
    const secret = named ? { note: kept?.note ?? row.trade, employer: row.employer } : kept;
    this.#written.set(before.id, { record: next, secret, fresh: written?.fresh ?? false });
    if (step === "unchanged") return;
    const event = step === "ended" ? WorkRecordEnded : WorkRecordChanged;
    this.events.push(event.of(next.id, next.version, next.region, stateOfWork(next)));
  }
}

const about = (ruleCode: string, record: WorkRecord): Found => ({
  ...{ ruleCode, about: "work-record", aboutId: record.id, otherId: null, period: "" },
  ...{ personId: record.personId, householdId: record.householdId, region: record.region },
});

/** A number that leads to somebody of another name is somebody else's, or wrong: nobody is given another's work. Who it is, is never found by the name. */
function nameReason({ nameMask }: ManyWorker, name: string): RowReason | undefined {
  if (name === "" || nameMask === null || maskName(name.replaceAll(/\s/g, "")) === nameMask) return undefined;
  return {
    rule: "name-differs",
    zh: "姓名:与该证件号码登记的姓名不符,请核对证件号码",
    en: "Name: not the one registered under this number; check the number",
  };
}

const reasonsOf = ({ code, reasons }: Refusal): RowReason[] => reasons.map(({ zh, en }) => ({ rule: code, zh, en }));
