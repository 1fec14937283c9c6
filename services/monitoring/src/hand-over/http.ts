import { refuse } from "@shouwang/contract";
import { findDivision, rangeOf } from "@shouwang/regions";
import {
  actorOf,
  afterCursor,
  checkMobile,
  cutPage,
  findJob,
  mayReach,
  PageQuery,
  pageOf,
  requestJob,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { handOverJob } from "./job.ts";
import { uploadReassignments } from "./sheet.ts";
import { findHandOver, type HandOver, HandOverBecause, insertHandOver, listHandOvers, openWorkOf } from "./store.ts";

const officers = ["township-officer", "county-officer"] as const;
const Subject = z.string().trim().min(1).max(200);
const Region = z
  .string()
  .regex(/^\d{6}(\d{3}(\d{3})?)?$/)
  .describe("A county, a township or a village: only what is open there changes hands");
const Work = z.object({
  helpers: z.int().describe("Monitored households this person answers for"),
  households: z.int().describe("Households of this person's grids"),
  leads: z.int().describe("Leads waiting to be verified"),
  suspects: z.int().describe("Suspects waiting to be checked"),
  tasks: z.int().describe("Other running clocks in this person's name"),
});
const View = z.object({
  handOverId: z.string(),
  region: z.string(),
  from: z.string(),
  to: z.string(),
  because: HandOverBecause,
  jobId: z.string().describe("Follow it at /jobs/{jobId}/events"),
  requestedAt: z.string(),
});
const viewOf = ({ id, requestedAt, ...rest }: HandOver): z.input<typeof View> => ({
  handOverId: id,
  ...rest,
  requestedAt: requestedAt.toISOString(),
});

/** The area a hand-over is for, where it is one of the caller's. */
const areaOrRefuse = (actor: Parameters<typeof mayReach>[0], region: string) => {
  const whole = region.padEnd(12, "0");
  if (!findDivision(whole)) return refuse("unknown-division");
  return mayReach(actor, whole) ? undefined : refuse("outside-area");
};

const countOpenWork = query(
  {
    operation: "count-open-work",
    path: "/open-work",
    summary: { zh: "某人名下未办事项", en: "What is open in one person's name" },
    clauses: ["M-02", "M-04a"],
    allow: officers,
    body: z.object({ subject: Subject, region: Region }),
    reply: Work,
    problems: ["unknown-division", "outside-area"],
  },
  async ({ tx, body, actor }) =>
    areaOrRefuse(actor, body.region) ?? { reply: await openWorkOf(tx, body.subject, rangeOf(body.region)) },
);

const requestHandOver = command(
  {
    method: "post",
    operation: "hand-over",
    path: "/hand-overs",
    summary: { zh: "工作交接(后台办理,逐项移交)", en: "Hand all of a person's open work to another, as a job with exact totals" },
    clauses: ["M-02", "M-04a"],
    allow: officers,
    body: z.object({
      region: Region,
      from: Subject,
      to: Subject,
      because: HandOverBecause,
      successor: z
        .object({
          name: z.string().trim().min(2).max(40),
          unit: z.string().trim().min(2).max(80),
          phone: z.string().max(20),
          relationship: z.literal("none").describe("The successor declares no tie to any of these households"),
        })
        .optional()
        .describe("Needed where this person answers for monitored households"),
    }),
    reply: View.extend({ open: Work.describe("What was open when it was asked for") }),
    status: 202,
    problems: ["unknown-division", "outside-area", "invalid-input"],
  },
  async ({ tx, body, actor, keys, now }) => {
    const no = areaOrRefuse(actor, body.region);
    if (no) return no;
    const wrong = (pointer: string, rule: string, zh: string, en: string) =>
      refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "M-04a" }] });
    if (body.from === body.to) return wrong("/to", "another-person", "接手人须为另一人", "The successor is another person");
    const open = await openWorkOf(tx, body.from, rangeOf(body.region));
    const phone = body.successor && checkMobile(body.successor.phone);
    if (phone && !phone.ok) return wrong("/successor/phone", phone.rule, phone.zh, phone.en);
    if (open.helpers > 0 && !body.successor)
      return wrong("/successor", "required", "须填接手人姓名、单位、电话", "Name, unit and phone of the new helper are needed");
    const id = uuidv7();
    const { from, to, because } = body;
    const region = body.region.padEnd(12, "0");
    const input = { handOverId: id, area: body.region, from, to };
    const jobId = await requestJob(tx, actor, { kind: handOverJob.kind, region, input });
    const entry = { id, region, from, to, because, jobId, requestedAt: now };
    const successor =
      body.successor && phone ? { name: body.successor.name, unit: body.successor.unit, phone: phone.value } : null;
    await insertHandOver(tx, keys, entry, { successor, by: actorOf(actor) });
    const about = { action: "request-hand-over", entity: "hand-over", entityId: id, region, clause: "M-02" };
    return { reply: { ...viewOf(entry), open }, audit: [{ ...about, changed: { from, to, because } }] };
  },
);

const listHandOversRoute = query(
  {
    operation: "list-hand-overs",
    path: "/hand-overs",
    summary: { zh: "工作交接记录", en: "Hand-overs of the area, the newest first" },
    clauses: ["M-02", "M-04a"],
    allow: officers,
    query: PageQuery,
    reply: pageOf(View),
    problems: [],
  },
  async ({ tx, query: { cursor, limit } }) => {
    const page = cutPage(await listHandOvers(tx, { after: afterCursor(cursor), limit }), limit, ({ id }) => id);
    return { reply: { items: page.items.map(viewOf), next: page.next } };
  },
);

const readHandOver = query(
  {
    operation: "read-hand-over",
    path: "/hand-overs/{handOverId}",
    summary: { zh: "查看工作交接及移交数", en: "A hand-over and how much has changed hands" },
    clauses: ["M-02", "M-04a"],
    allow: officers,
    params: z.object({ handOverId: z.uuid() }),
    reply: View.extend({ state: z.string(), moved: z.record(z.string(), z.int()) }),
    problems: ["not-found"],
  },
  async ({ tx, params }) => {
    const found = await findHandOver(tx, params.handOverId);
    const job = found && (await findJob(tx, found.jobId));
    return found && job ? { reply: { ...viewOf(found), state: job.state, moved: job.totals } } : refuse("not-found");
  },
);

/** M-02, M-04a: whoever leaves, falls ill or is stood in for leaves no work behind in a name that nobody answers to. */
export const handOverSlice = slice({
  name: "hand-over",
  title: { zh: "工作交接", en: "Hand-over of work" },
  routes: [countOpenWork, requestHandOver, listHandOversRoute, readHandOver, uploadReassignments],
  jobs: [handOverJob],
});
