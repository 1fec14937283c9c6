import { ReturneeState } from "@shouwang/contract";
import { businessDate, type Incoming, readParameters, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { reaction } from "../kit.ts";
import { postEvents, returneeEvents, workEvents, workIn } from "../work-state/projection.ts";
import { dueOn, type LossSettings, lossOfReturnee, lossOfWork, type WorkLoss } from "./decide.ts";
import { awaitLoss, dropLoss, endToldStops } from "./store.ts";

/** The settings in force where and when a loss was told. */
async function lossSettings(tx: Tx<DB>, { envelope }: Incoming, region: string): Promise<LossSettings> {
  const keys = ["lead.workLossReasons", "lead.postLossReasons", "lead.workLossGraceDays"] as const;
  const read = await readParameters(tx, keys, businessDate(new Date(envelope.time)));
  return {
    workReasons: read("lead.workLossReasons", region).value,
    postReasons: read("lead.postLossReasons", region).value,
    graceDays: read("lead.workLossGraceDays", region).value,
  };
}

/** What an event is told of, where, and how it is judged; most tell of work that goes on, for which no settings are read. */
function toldIn(incoming: Incoming) {
  const work = workIn(incoming);
  if (work) {
    const source = { sourceKind: work.kind, sourceId: work.id };
    return { work, source, region: work.region, ended: work.until !== null, judge: (by: LossSettings) => lossOfWork(work, by) };
  }
  const returnee = ReturneeState.parse(incoming.data);
  const source = { sourceKind: "returnee", sourceId: returnee.returneeId } as const;
  return { work: undefined, source, region: returnee.region, ended: true, judge: () => lossOfReturnee(returnee) };
}

/**
 * M-05: notes work that was lost, to be looked at when the days of grace have passed, and that a wage is paid again. It raises no lead itself: whether there is
 * other work can be known only once employment has been heard until that day, in whichever order it tells.
 */
export const workLosses = reaction({
  name: "work-losses",
  events: [...workEvents, ...postEvents, ...returneeEvents],
  apply: async (tx, incoming) => {
    const { work, source, region, ended, judge } = toldIn(incoming);
    const settings = ended ? await lossSettings(tx, incoming, region) : undefined;
    const loss: WorkLoss | undefined = settings && judge(settings);
    if (loss && settings) {
      const version = Number(incoming.envelope.sequence);
      await awaitLoss(tx, loss, { region, dueOn: dueOn(loss, settings.graceDays), version });
    } else await dropLoss(tx, source);
    if (work && !ended && !work.suspended) await endToldStops(tx, work.personId, work.from);
    return [];
  },
});
