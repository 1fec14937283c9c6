import {
  CooperationAuditHeadPublished,
  CooperationDeadlineOverdue,
  CooperationIndicatorFrozen,
  CooperationParameterChanged,
} from "@shouwang/contract";
import { sql } from "kysely";
import { z } from "zod";
import { defineService, kitFor } from "../declare.ts";
import { FileChanged, ThanksSaid, VisitRecorded } from "./clinic-events.testing.ts";

export type MirrorDb = Record<never, never>;
const { projection, reaction, slice } = kitFor<MirrorDb>();

/** A mistake in the mirror's code that a test can plant and mend: it fails on files of this weight. */
export const mistake: {
  weight: number | undefined;
  hangs?: "in the database" | "by itself" | undefined;
  /** How long it takes over each event more than it needs. */
  takesMs?: number | undefined;
} = { weight: undefined };

/** Mirrors files, a state, and counts visits, a fact. A count is what a department must not keep: it shows what an event told twice does. */
export const filesMirror = projection({
  name: "test-files",
  events: [FileChanged, VisitRecorded],
  tables: ["mirror.file", "mirror.tally"],
  reset: async (tx) => {
    await sql`delete from mirror.file`.execute(tx);
    await sql`delete from mirror.tally`.execute(tx);
  },
  apply: async (tx, { definition, envelope, data }) => {
    if (mistake.takesMs) await new Promise((resolve) => setTimeout(resolve, mistake.takesMs));
    if (definition.type === FileChanged.type) {
      const { fileId, weight } = FileChanged.schema.parse(data);
      if (weight === mistake.weight && mistake.hangs === "in the database") await sql`select pg_sleep(60)`.execute(tx);
      if (weight === mistake.weight && mistake.hangs === "by itself") await new Promise(() => {});
      if (weight === mistake.weight) throw new RangeError("the mirror cannot take this weight");
      await sql`insert into mirror.file (file_id, weight, version) values (${fileId}, ${weight}, ${Number(envelope.sequence)})
        on conflict (file_id) do update set weight = excluded.weight, version = excluded.version`.execute(tx);
      return;
    }
    const { fileId, amountFen } = VisitRecorded.schema.parse(data);
    await sql`insert into mirror.tally as t (file_id, visits, amount_fen) values (${fileId}, 1, ${amountFen})
      on conflict (file_id) do update set visits = t.visits + 1, amount_fen = t.amount_fen + excluded.amount_fen`.execute(tx);
  },
});

/** Says thanks for each visit, once however often it is told. */
export const thanks = reaction({
  name: "test-thanks",
  events: [VisitRecorded],
  apply: async (tx, { envelope, data }) => {
    const { visitId } = z.object({ visitId: z.uuid() }).parse(data);
    const inserted = await sql`insert into mirror.thanks (visit_id) select ${visitId}::text
      where not exists (select from mirror.thanks where visit_id = ${visitId})`.execute(tx);
    if (inserted.numAffectedRows === 0n) return [];
    return [ThanksSaid.of(visitId, 1, envelope.region, { visitId })];
  },
});

/** A department that reads the clinic's events. */
export const mirror = defineService<MirrorDb>({
  name: "cooperation",
  title: { zh: "测试镜像", en: "Test mirror" },
  migrations: new URL("./mirror-migrations/", import.meta.url),
  deadlineOverdue: CooperationDeadlineOverdue,
  auditHead: CooperationAuditHeadPublished,
  parameterChanged: CooperationParameterChanged,
  indicatorFrozen: CooperationIndicatorFrozen,
  slices: [slice({ name: "mirror", title: { zh: "镜像", en: "Mirror" }, readers: [filesMirror, thanks] })],
});
