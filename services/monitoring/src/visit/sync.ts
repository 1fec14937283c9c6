import { type EventDraft, Refusal, refuse, VisitRecorded } from "@shouwang/contract";
import { type BusinessDate, type Keys, monthOf, type Principal, parseBusinessDate, type Tx } from "@shouwang/service-kit";
import type { z } from "zod";
import type { DB } from "../db.ts";
import type { MonitoredCase } from "../monitored-case/decide.ts";
import { lockCase } from "../monitored-case/store.ts";
import { markVillages } from "../round/store.ts";
import { markSweeps } from "../sweep/store.ts";
import { judgeUpload, roleOfVisitor, type Visit } from "./decide.ts";
import { keepHelperVisitMonths } from "./helper-visit.ts";
import {
  type CaseWithHelpers,
  casesWithHelpers,
  ensureVisitMonths,
  findVisits,
  holdHouseholds,
  insertVisits,
  type NewVisit,
  type VisitedHousehold,
} from "./store.ts";
import { caseOn, type SentVisit, type Settings, settingsByRegion, type Uploaded } from "./upload.ts";
import type { Need, VisitContext } from "./views.ts";

type Sender = { actor: Principal; keys: Keys; now: Date; today: BusinessDate };

/** Everything the judging of some uploads needs, looked up once for all of them, and held: cases before households, as everywhere, each in order of their ids. */
type Desk = Sender & {
  known: ReadonlyMap<string, Visit>;
  months: { first: string; last: string };
  cases: readonly CaseWithHelpers[];
  held: ReadonlyMap<string, MonitoredCase>;
  households: ReadonlyMap<string, VisitedHousehold>;
  settingsOf: (region: string) => Promise<Settings>;
};

async function openDesk(tx: Tx<DB>, uploads: readonly SentVisit[], given: Sender): Promise<Desk> {
  const householdIds = [...new Set(uploads.map((visit) => visit.householdId))];
  const months = uploads
    .map((visit) => visit.visitedOn.slice(0, 7))
    .concat(monthBefore(given.today), monthOf(given.today))
    .sort();
  const span = { first: months[0] ?? monthOf(given.today), last: months.at(-1) ?? monthOf(given.today) };
  const ids = uploads.map((visit) => visit.visitId);
  const known = await findVisits(tx, ids, span);
  const cases = await casesWithHelpers(tx, householdIds);
  const touched = uploads.flatMap((visit) =>
    known.has(visit.visitId) ? [] : (caseOn(cases, visit.householdId, visit.visitedOn)?.id ?? []),
  );
  const held = new Map<string, MonitoredCase>();
  for (const id of [...new Set(touched)].sort()) {
    const monitored = await lockCase(tx, id);
    if (monitored) held.set(id, monitored);
  }
  const households = await holdHouseholds(tx, householdIds);
  return { ...given, known, months: span, cases, held, households, settingsOf: settingsByRegion(tx, given.today) };
}

/** What becomes of one upload; "new" is one to be stored. */
async function judge(desk: Desk, upload: SentVisit, known: Visit | undefined): Promise<Uploaded | "new"> {
  const household = desk.households.get(upload.householdId);
  const { lockDay } = household ? await desk.settingsOf(household.region) : { lockDay: 1 };
  const { now, today } = desk;
  const judged = judgeUpload({ ...upload, visitor: desk.actor.subject }, { known, household, now, today, lockDay });
  if (judged instanceof Refusal) return { outcome: "refused", refusal: judged };
  if (judged.outcome === "accepted") return "new";
  return { ...judged, context: await contextOf(desk, judged.visit) };
}

async function contextOf(desk: Desk, visit: Pick<Visit, "householdId" | "visitedOn" | "region">): Promise<VisitContext> {
  const monitored = caseOn(desk.cases, visit.householdId, visit.visitedOn);
  const { phoneCountsWhenAbsent } = await desk.settingsOf(visit.region);
  return { phoneCountsWhenAbsent, monitored, helpers: monitored?.helpers ?? [] };
}

function newVisit(desk: Desk, { visitId, ...facts }: SentVisit): NewVisit {
  const monitored = caseOn(desk.cases, facts.householdId, facts.visitedOn);
  const { subject, roles } = desk.actor;
  const isItsHelper = monitored?.helpers.some((helper) => helper.subject === subject && helper.until === null) ?? false;
  return {
    ...facts,
    id: visitId,
    note: facts.note,
    region: desk.households.get(facts.householdId)?.region ?? "",
    caseId: monitored?.id ?? null,
    purposes: [...new Set(facts.purposes)],
    needs: [...new Set(facts.needs)],
    visitor: subject,
    visitorRole: roleOfVisitor(roles, isItsHelper),
    syncedAt: desk.now,
  };
}

/** Stores what is new. What somebody else stored under the same id at the same moment is judged by theirs; where theirs lies out of sight, refused. */
async function store(tx: Tx<DB>, desk: Desk, fresh: ReadonlyMap<SentVisit, NewVisit>): Promise<Map<string, Uploaded>> {
  const answers = new Map<string, Uploaded>();
  if (fresh.size === 0) return answers;
  await ensureVisitMonths(tx, [...new Set([...fresh.values()].map((visit) => visit.visitedOn.slice(0, 7)))]);
  const stored = await insertVisits(tx, desk.keys, [...fresh.values()]);
  const lost = [...fresh.values()].filter((visit) => !stored.has(visit.id)).map((visit) => visit.id);
  const theirs = lost.length === 0 ? new Map<string, Visit>() : await findVisits(tx, lost, desk.months);
  for (const [upload, { note: _, ...visit }] of fresh) {
    const present = theirs.get(visit.id);
    const judged = present && (await judge(desk, upload, present));
    if (stored.has(visit.id)) {
      answers.set(visit.id, {
        outcome: "accepted",
        visit: { ...visit, version: 1, withdrawn: false },
        context: await contextOf(desk, visit),
      });
    } else answers.set(visit.id, judged && judged !== "new" ? judged : { outcome: "refused", refusal: refuse("already-exists") });
  }
  return answers;
}

/**
 * Takes visits from one person's phone, each on its own: accepted, a duplicate, or refused with the reason; one refused visit holds up no other. What the
 * accepted ones mean for the helper's monthly duty is counted at once (M-04c), their villages are marked to be counted (M-02).
 * @returns one answer for each visit, in the order they were sent
 */
export async function takeVisits(
  tx: Tx<DB>,
  sent: readonly SentVisit[],
  given: Sender,
): Promise<{ answers: Uploaded[]; events: EventDraft[] }> {
  const byId = new Map<string, SentVisit>();
  for (const visit of sent) if (!byId.has(visit.visitId)) byId.set(visit.visitId, visit);
  const uploads = [...byId.values()];
  const desk = await openDesk(tx, uploads, given);
  const answers = new Map<string, Uploaded>();
  const fresh = new Map<SentVisit, NewVisit>();
  for (const upload of uploads) {
    const judged = await judge(desk, upload, desk.known.get(upload.visitId));
    if (judged === "new") fresh.set(upload, newVisit(desk, upload));
    else answers.set(upload.visitId, judged);
  }
  for (const [id, answer] of await store(tx, desk, fresh)) answers.set(id, answer);
  const taken = [...fresh.values()].filter((visit) => answers.get(visit.id)?.outcome === "accepted");
  await markVillages(
    tx,
    taken.map((visit) => ({
      month: visit.visitedOn.slice(0, 7),
      place: desk.households.get(visit.householdId)?.place ?? visit.region,
    })),
  );
  await markSweeps(
    tx,
    taken
      .filter((visit) => visit.purposes.includes("sweep"))
      .map((visit) => desk.households.get(visit.householdId)?.place ?? visit.region),
  );
  for (const [id, monitored] of desk.held) {
    const months = taken.filter((visit) => visit.caseId === id).map((visit) => monthOf(parseBusinessDate(visit.visitedOn)));
    if (months.length > 0) await keepHelperVisitMonths(tx, monitored, [...new Set(months)].sort(), given);
  }
  return {
    answers: sent.map((visit) => {
      const answer = answers.get(visit.visitId);
      if (!answer) throw new Error("a visit was judged by no rule");
      return byId.get(visit.visitId) === visit || answer.outcome === "refused" ? answer : twinOf(answer, visit, desk);
    }),
    events: taken.filter(isOfUseElsewhere).map((visit) => recorded(visit, given.today)),
  };
}

/** The second of two with one id in one upload: a duplicate of the first, or another visit and refused. */
function twinOf(answer: Extract<Uploaded, { visit: Visit }>, visit: SentVisit, desk: Desk): Uploaded {
  const judged = judgeUpload(
    { ...visit, visitor: desk.actor.subject },
    { known: answer.visit, household: { id: visit.householdId }, now: desk.now, today: desk.today, lockDay: 1 },
  );
  return judged instanceof Refusal ? { outcome: "refused", refusal: judged } : { ...answer, outcome: "duplicate" };
}

/** A single visit stays with this department unless it says something the others act on: a need or a change. The round itself is told village by village and day. */
const isOfUseElsewhere = (visit: NewVisit): boolean => visit.changed || visit.needs.length > 0;

const recorded = (visit: NewVisit, today: BusinessDate): EventDraft => {
  const { purposes, mode, visitorRole, visitedOn, householdAway, changed, householdId, region } = visit;
  return VisitRecorded.of(visit.id, 1, region, {
    visitId: visit.id,
    householdId,
    region,
    purposes,
    mode,
    visitorRole,
    visitedOn,
    syncedOn: today,
    householdAway,
    changed,
    // Safe: a sent visit's needs are of the contract's list.
    needs: visit.needs as z.input<typeof Need>[],
  });
};

const monthBefore = (today: BusinessDate): string => {
  const [year = 0, month = 1] = today.split("-").map(Number);
  return month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, "0")}`;
};
