import { ReturneeState } from "@shouwang/contract";
import { businessDate, readParameters } from "@shouwang/service-kit";
import { reaction } from "../kit.ts";
import { postEvents, returneeEvents, workEvents, workIn } from "../work-state/projection.ts";
import { dueOn, lossOfReturnee, lossOfWork } from "./decide.ts";
import { awaitLoss, dropLoss, endToldStops } from "./store.ts";

/**
 * M-05: notes work that was lost, to be looked at when the days of grace have passed, and that a wage is paid again. It raises no lead itself: whether there is
 * other work can be known only once employment has been heard until that day, in whichever order it tells.
 */
export const workLosses = reaction({
  name: "work-losses",
  events: [...workEvents, ...postEvents, ...returneeEvents],
  apply: async (tx, incoming) => {
    const work = workIn(incoming);
    const returnee = work ? undefined : ReturneeState.parse(incoming.data);
    const region = work?.region ?? returnee?.region ?? incoming.envelope.region;
    const read = await readParameters(
      tx,
      ["lead.workLossReasons", "lead.postLossReasons", "lead.workLossGraceDays"],
      businessDate(new Date(incoming.envelope.time)),
    );
    const settings = {
      workReasons: read("lead.workLossReasons", region).value,
      postReasons: read("lead.postLossReasons", region).value,
      graceDays: read("lead.workLossGraceDays", region).value,
    };
    const loss = work ? lossOfWork(work, settings) : returnee && lossOfReturnee(returnee);
    const version = Number(incoming.envelope.sequence);
    if (loss) await awaitLoss(tx, loss, { region, dueOn: dueOn(loss, settings.graceDays), version });
    else if (work) await dropLoss(tx, { sourceKind: work.kind, sourceId: work.id });
    else if (returnee) await dropLoss(tx, { sourceKind: "returnee", sourceId: returnee.returneeId });
    if (work && work.until === null && !work.suspended) await endToldStops(tx, work.personId, work.from);
    return [];
  },
});
