import {
  type EventDraft,
  LabourSubsidyApproved,
  LabourSubsidyClawedBack,
  LabourSubsidyPaid,
  LabourSubsidyState,
  Refusal,
  ReturneeFound,
  ReturneeState,
  TrainingFinished,
  TransportSubsidyApproved,
  TransportSubsidyClawedBack,
  TransportSubsidyPaid,
  TransportSubsidyState,
  YuluGrantApproved,
  YuluGrantClawedBack,
  YuluGrantPaid,
  YuluGrantState,
  YuluToJobPlaced,
} from "@shouwang/contract";
import { businessDate, businessNow, type Incoming, parseBusinessDate, startOfDay, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { reaction, slice } from "../kit.ts";
import { deliverMeasure } from "../measure/deliver.ts";
import { takeBack } from "../measure/store.ts";
import { postEvents, returneeEvents, workEvents, workIn } from "../work-state/projection.ts";
import { helpOfMonitoredClause, jobHelpClause } from "./clauses.ts";
import { type Help, type HelpKind, helpKinds, helpOfClaim, helpOfReturnee, helpOfWork } from "./decide.ts";

type Told = { sourceId: string; personId: string; householdId: string; help: Help };
const by = "reaction:employment-help";

const given = (kind: HelpKind, on: string): Help => ({ word: "given", kind, on, amountFen: null, epidemic: false });

/** What an event says of help: which record of employment, to whom, and what it means. */
function helpIn(incoming: Incoming): Told {
  const { definition, data, envelope } = incoming;
  const work = workIn(incoming);
  if (work) return { ...work, sourceId: work.id, help: helpOfWork(work) };
  const claim = (
    kind: Parameters<typeof helpOfClaim>[0],
    state: LabourSubsidyState | TransportSubsidyState | YuluGrantState,
  ) => ({
    ...{ sourceId: state.claimId, personId: state.personId, householdId: state.householdId },
    help: helpOfClaim(kind, state),
  });
  if (definition.entity === TransportSubsidyPaid.entity) return claim("transport-subsidy", TransportSubsidyState.parse(data));
  if (definition.entity === LabourSubsidyPaid.entity) return claim("labour-subsidy", LabourSubsidyState.parse(data));
  if (definition.entity === YuluGrantPaid.entity) return claim("yulu-grant", YuluGrantState.parse(data));
  if (definition.entity === ReturneeFound.entity) {
    const returnee = ReturneeState.parse(data);
    return { ...returnee, sourceId: returnee.returneeId, help: helpOfReturnee(returnee, businessDate(new Date(envelope.time))) };
  }
  if (definition.entity === TrainingFinished.entity) {
    const { trainingId, finishedOn, ...training } = TrainingFinished.schema.parse(data);
    return { ...training, sourceId: trainingId, help: given("training", finishedOn) };
  }
  const { placementId, startedOn, ...placed } = YuluToJobPlaced.schema.parse(data);
  return { ...placed, sourceId: placementId, help: given("yulu-to-job", startedOn) };
}

/** The household that help went to, or the one it was merged into since. */
async function householdNow(tx: Tx<DB>, id: string): Promise<{ id: string; region: string } | undefined> {
  const { rows } = await sql<{ id: string; region: string }>`with recursive now_so as (
      select id, region, merged_into from monitoring.household where id = ${id}::uuid
      union select h.id, h.region, h.merged_into from now_so join monitoring.household h on h.id = now_so.merged_into)
    select id, region from now_so where merged_into is null`.execute(tx);
  return rows[0];
}

/**
 * M-04b, M-06: help that employment gave is credited to the household when it reached it, once for each record of employment, with its day, and counts wherever
 * measures do. What is not given after all is shown and counts for nothing.
 */
const employmentHelp = reaction({
  name: "employment-help",
  events: [
    ...[...workEvents, ...postEvents, ...returneeEvents, TrainingFinished, YuluToJobPlaced],
    ...[TransportSubsidyApproved, TransportSubsidyPaid, TransportSubsidyClawedBack],
    ...[LabourSubsidyApproved, LabourSubsidyPaid, LabourSubsidyClawedBack],
    ...[YuluGrantApproved, YuluGrantPaid, YuluGrantClawedBack],
  ],
  apply: async (tx, incoming): Promise<readonly EventDraft[]> => {
    const { sourceId, personId, householdId, help } = helpIn(incoming);
    const source = { department: "employment", id: sourceId } as const;
    if (help.word === "no-word") return [];
    if (help.word === "taken-back") {
      await takeBack(tx, source, businessDate(new Date(incoming.envelope.time)));
      return [];
    }
    const household = await householdNow(tx, householdId);
    // A household this registry does not know is nobody's to credit.
    if (!household) return [];
    await takeBack(tx, source, null);
    const { kind, on, amountFen, epidemic } = help;
    const measure = {
      householdId: household.id,
      region: household.region,
      personId,
      category: helpKinds[kind].category,
      epidemic,
    };
    const delivered = await deliverMeasure(
      tx,
      {
        ...measure,
        implementedAt: startOfDay(parseBusinessDate(on)),
        amountFen: amountFen ?? undefined,
        source: { ...source, kind },
      },
      { now: await businessNow(tx), actor: by },
    );
    if (delivered instanceof Refusal)
      throw new Error(`a measure of another department names nothing that could be refused: ${delivered.code}`);
    return delivered.events;
  },
});

/** M-04b, M-06: what employment gives is help of the household. */
export const employmentHelpSlice = slice({
  name: "employment-help",
  title: { zh: "就业帮扶计入", en: "Help from employment" },
  readers: [employmentHelp],
  clauses: [helpOfMonitoredClause, jobHelpClause],
});
