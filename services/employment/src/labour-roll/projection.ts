import {
  ProjectAccepted,
  ProjectApproved,
  ProjectChanged,
  ProjectCompleted,
  ProjectEnteredLibrary,
  ProjectHandedOver,
  ProjectPlanned,
  ProjectRectificationOrdered,
  ProjectRemovedFromLibrary,
  ProjectSettled,
  ProjectStarted,
  ProjectState,
  ProjectSuspended,
} from "@shouwang/contract";
import { sql } from "kysely";
import { projection } from "../kit.ts";

/** E-15: the share of labour pay is of the central and the region's money. */
const payBase: readonly string[] = ["bridging-fund-central", "bridging-fund-region"];

/** Projects as funds tells them. Until it does, a roll takes the project it is given. */
export const projects = projection({
  name: "projects",
  events: [
    ...[ProjectEnteredLibrary, ProjectRemovedFromLibrary, ProjectPlanned, ProjectApproved, ProjectChanged, ProjectStarted],
    ...[ProjectSuspended, ProjectCompleted, ProjectRectificationOrdered, ProjectAccepted, ProjectSettled, ProjectHandedOver],
  ],
  tables: ["employment.project"],
  reset: async (tx) => {
    await sql`delete from employment.project`.execute(tx);
  },
  apply: async (tx, { data, envelope }) => {
    const { projectId, region, mode, implementer, status, funding } = ProjectState.parse(data);
    const base = funding.filter(({ source }) => payBase.includes(source)).reduce((sum, { amountFen }) => sum + amountFen, 0);
    await sql`insert into employment.project (id, place, mode, implementer, status, pay_base_fen, version)
      values (${projectId}, ${region}, ${mode}, ${implementer}, ${status}, ${base}, ${Number(envelope.sequence)})
      on conflict (id) do update set place = excluded.place, mode = excluded.mode, implementer = excluded.implementer, status = excluded.status,
        pay_base_fen = excluded.pay_base_fen, version = excluded.version`.execute(tx);
  },
});
