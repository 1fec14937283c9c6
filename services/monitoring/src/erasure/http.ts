import { DateText, type FieldError, PersonErased, PersonId, refuse } from "@shouwang/contract";
import {
  actorOf,
  afterCursor,
  brokenConstraint,
  cutPage,
  PageQuery,
  pageOf,
  parameterFor,
  requestJob,
  system,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, privateState, query, schedule, slice } from "../kit.ts";
import { type Erasure, grounds, mayDecide, mayErase, refusalReasons } from "./decide.ts";
import { eraseJob } from "./job.ts";
import { decided, findErasure, insertErasure, listErasures, lockErasure, lockStanding, saveErasure } from "./store.ts";
import { erasedAmong, tellErasedAgain } from "./told-store.ts";

const ErasurePath = z.object({ erasureId: z.uuid() });
const ErasureView = z.object({
  erasureId: z.string(),
  personId: z.string(),
  region: z.string(),
  ground: z.enum(grounds),
  document: z.string().describe("Number of the document it rests on"),
  documentDate: z.string(),
  askedOn: z.string(),
  status: z
    .enum(["asked", "approved", "refused", "erased", "lapsed"])
    .describe("lapsed: something elsewhere in the region still needs the person"),
  refusedBecause: z.enum(refusalReasons).nullable(),
  decidedOn: z.string().nullable(),
  erasedOn: z.string().nullable(),
  version: z.int(),
});
const erasureView = ({ id, askedBy: _, decidedBy: __, ...erasure }: Erasure): z.input<typeof ErasureView> => ({
  erasureId: id,
  ...erasure,
});
const auditOf = (action: string, erasure: Erasure) => ({
  action,
  entity: "person",
  entityId: erasure.personId,
  region: erasure.region,
  clause: "M-01",
  purpose: `${erasure.ground} ${erasure.document}`,
  changed: { erasureId: erasure.id, status: erasure.status, refusedBecause: erasure.refusedBecause },
});

/** A document of today or before, called by its number: what stands in the audit for good must not be the person's own number. */
function documentErrors(body: { document: string; documentDate: string }, today: string): FieldError[] {
  const errors: FieldError[] = [];
  if (/\d{9}/.test(body.document)) {
    const [zh, en] = ["请填文号,不得填写证件或电话号码", "The number of the document, nobody's own number"];
    errors.push({ pointer: "/document", rule: "no-personal-number", zh, en, clause: "M-01" });
  }
  if (body.documentDate > today) {
    const [zh, en] = ["文件日期不能晚于今天", "The document is of today or before"];
    errors.push({ pointer: "/documentDate", rule: "not-in-future", zh, en, clause: "M-01" });
  }
  return errors;
}

const askErasure = command(
  {
    method: "post",
    operation: "ask-erasure",
    path: "/persons/{personId}/erasures",
    summary: {
      zh: "申请销毁人员身份信息(须有依据文件,由市级另一人审定)",
      en: "Ask to destroy who a person was: with ground and document, decided by the city, by somebody else",
    },
    clauses: ["M-01"],
    allow: ["county-officer"],
    params: z.object({ personId: PersonId }),
    body: z.object({
      ground: z
        .enum(grounds)
        .describe("term-reached: kept long enough; person-asked: their own request; entered-by-mistake; court-order"),
      document: z.string().trim().min(4).max(60).describe("Number of the document; nobody's name or number"),
      documentDate: DateText,
    }),
    reply: ErasureView,
    status: 201,
    problems: ["person-not-found", "person-still-member", "person-erased", "erasure-held", "erasure-open", "invalid-input"],
  },
  async ({ tx, params, body, actor, today }) => {
    const person = await lockStanding(tx, params.personId);
    if (!person) return refuse("person-not-found");
    if (person.erasedOn !== null) return refuse("person-erased");
    const wrong = documentErrors(body, today);
    if (wrong.length > 0) return refuse("invalid-input", { errors: wrong });
    const keep = await parameterFor(tx, "registry.identityKeepMonths", person.region, today);
    const no = mayErase(person, body.ground, { today, keepMonths: keep.value, document: keep.document });
    if (no) return no;
    const erasure: Erasure = {
      id: uuidv7(),
      personId: person.id,
      region: person.region,
      ...body,
      askedBy: actorOf(actor),
      askedOn: today,
      status: "asked",
      refusedBecause: null,
      decidedBy: null,
      decidedOn: null,
      erasedOn: null,
      version: 1,
    };
    try {
      await insertErasure(tx, erasure);
    } catch (error) {
      if (brokenConstraint(error) === "erasure_one_open") return refuse("erasure-open");
      throw error;
    }
    return { reply: erasureView(erasure), audit: [auditOf("ask-erasure", erasure)] };
  },
);

const decideErasure = command(
  {
    method: "post",
    operation: "decide-erasure",
    path: "/erasures/{erasureId}/decision",
    summary: { zh: "审定身份信息销毁申请", en: "Decide a request to destroy who a person was; it is carried out at once" },
    clauses: ["M-01"],
    allow: ["city-officer"],
    params: ErasurePath,
    body: z.object({
      outcome: z.enum(["approved", "refused"]),
      because: z.enum(refusalReasons).optional().describe("Why it is refused"),
    }),
    reply: ErasureView,
    problems: ["erasure-not-found", "erasure-state", "same-person-twice", "person-still-member", "erasure-held", "invalid-input"],
  },
  async ({ tx, params, body, actor, today }) => {
    if ((body.outcome === "refused") !== (body.because !== undefined)) {
      const [zh, en] = ["不予批准须选择理由,批准不填", "A refusal says why, an approval does not"];
      return refuse("invalid-input", { errors: [{ pointer: "/because", rule: "with-refusal", zh, en, clause: "M-01" }] });
    }
    const erasure = await lockErasure(tx, params.erasureId);
    if (!erasure) return refuse("erasure-not-found");
    const no = mayDecide(erasure, actorOf(actor));
    if (no) return no;
    if (body.because !== undefined) {
      const refused = decided(erasure, { status: "refused", because: body.because, actor, today });
      await saveErasure(tx, refused);
      return { reply: erasureView(refused), audit: [auditOf("decide-erasure", refused)] };
    }
    const person = await lockStanding(tx, erasure.personId);
    if (!person) throw new Error("an erasure without its person");
    const keep = await parameterFor(tx, "registry.identityKeepMonths", person.region, today);
    const held = mayErase(person, erasure.ground, { today, keepMonths: keep.value, document: keep.document });
    if (held) return held;
    const approved = decided(erasure, { status: "approved", because: null, actor, today });
    await saveErasure(tx, approved);
    // Traces lie in other counties too, and in what the region's departments sent.
    await requestJob(tx, system("erase-person"), {
      kind: "erase-person",
      region: approved.region,
      input: { erasureId: approved.id },
    });
    return { reply: erasureView(approved), audit: [auditOf("decide-erasure", approved)] };
  },
);

const list = query(
  {
    operation: "list-erasures",
    path: "/erasures",
    summary: { zh: "身份信息销毁申请", en: "Requests to destroy who people were, and what became of them" },
    clauses: ["M-01"],
    allow: ["county-officer", "city-officer", "region-officer", "auditor"],
    query: PageQuery.extend({ status: ErasureView.shape.status.optional() }),
    reply: pageOf(ErasureView),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { status, cursor, limit } }) => {
    const page = cutPage(await listErasures(tx, { status, after: afterCursor(cursor), limit }), limit, ({ id }) => id);
    return { reply: { items: page.items.map(erasureView), next: page.next } };
  },
);

const read = query(
  {
    operation: "read-erasure",
    path: "/erasures/{erasureId}",
    summary: { zh: "查看身份信息销毁申请", en: "Read a request to destroy who a person was" },
    clauses: ["M-01"],
    allow: ["county-officer", "city-officer", "region-officer", "auditor"],
    params: ErasurePath,
    reply: ErasureView,
    problems: ["erasure-not-found"],
  },
  async ({ tx, params }) => {
    const erasure = await findErasure(tx, params.erasureId);
    return erasure ? { reply: erasureView(erasure) } : refuse("erasure-not-found");
  },
);

/** The private stream forgets after 90 days, and a reader may be restored from a backup older than that: it is told once more before. */
const tellAgain = schedule({
  name: "erasures-told-again",
  everyMs: 3_600_000,
  slot: (now) => now.toISOString().slice(0, 7),
  run: async ({ tx }) => {
    await tellErasedAgain(tx);
    return {};
  },
});

export const erasureSlice = slice({
  name: "erasure",
  title: { zh: "身份信息销毁", en: "Erasing people" },
  routes: [askErasure, decideErasure, list, read],
  jobs: [eraseJob],
  schedules: [tellAgain],
  privateStates: [privateState(PersonErased, erasedAmong)],
});
