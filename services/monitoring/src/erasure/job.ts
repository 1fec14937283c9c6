import {
  type EventDraft,
  PersonErased,
  PersonIdentityDestroyed,
  PersonIdentityRecorded,
  PersonPayeeAccountRecorded,
  PersonPhoneRecorded,
} from "@shouwang/contract";
import { businessDate, type ChunkResult, forgetPrivately, owePrivately, parameterFor } from "@shouwang/service-kit";
import { z } from "zod";
import { personStateOf } from "../household/person-store.ts";
import { findPerson } from "../household/roster-store.ts";
import { job } from "../kit.ts";
import { mayErase } from "./decide.ts";
import { destroyFiles } from "./files-store.ts";
import { openKnown } from "./known-store.ts";
import { lockErasure, lockStanding, saveErasure } from "./store.ts";
import { redactClear, redactSealed } from "./texts-store.ts";
import { clearLists, destroyIdentity } from "./traces-store.ts";

const Input = z.object({ erasureId: z.string() });
const Checkpoint = z.object({ after: z.string() }).optional();
const told = [PersonIdentityRecorded, PersonPhoneRecorded, PersonPayeeAccountRecorded];

/**
 * Carries out an approved erasure for the whole region: files first, some at a time, since looking into them takes long; then everything else in one transaction, in
 * which what is known of the person is read for the last time. Where something that county and city could not see still needs the person, it lapses.
 */
export const eraseJob = job({
  kind: "erase-person",
  run: async ({ tx, input, checkpoint, keys, now }): Promise<ChunkResult> => {
    const erasure = await lockErasure(tx, Input.parse(input).erasureId);
    if (erasure?.status !== "approved") return { totals: {} };
    const today = businessDate(now);
    const person = await lockStanding(tx, erasure.personId);
    if (!person) return { totals: {} };
    const about = { entity: "person", entityId: person.id, region: person.region, clause: "M-01" };
    const keep = await parameterFor(tx, "registry.identityKeepMonths", person.region, today);
    const held = mayErase(person, erasure.ground, { today, keepMonths: keep.value, document: keep.document });
    if (held) {
      await saveErasure(tx, { ...erasure, status: "lapsed", version: erasure.version + 1 });
      return { totals: { lapsed: 1 }, audit: [{ action: "lapse-erasure", ...about, purpose: held.code }] };
    }

    const known = await openKnown(tx, keys, person.id);
    const files = await destroyFiles(tx, keys, known, Checkpoint.parse(checkpoint)?.after);
    if (files.after !== undefined) return { next: { after: files.after }, totals: { files: files.destroyed } };

    const lists = await clearLists(tx, known);
    const texts = (await redactSealed(tx, keys, known)) + (await redactClear(tx, known));
    await destroyIdentity(tx, keys, person.id, today);
    const messages = await forgetPrivately(tx, told, person.id);
    await owePrivately(tx, PersonErased, [{ id: person.id, region: person.region }]);
    await saveErasure(tx, { ...erasure, status: "erased", erasedOn: today, version: erasure.version + 1 });
    const after = await findPerson(tx, person.id);
    const events: EventDraft[] = after
      ? [PersonIdentityDestroyed.of(after.id, after.version, after.region, personStateOf(after))]
      : [];
    const totals = { files: files.destroyed, lists, texts, messages, erased: 1 };
    const purpose = `${erasure.ground} ${erasure.document}`;
    return { totals, events, audit: [{ action: "erase-person", ...about, purpose, changed: totals }] };
  },
});
