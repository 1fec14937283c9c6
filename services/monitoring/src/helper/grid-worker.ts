import { DateText, RegionCode, refuse } from "@shouwang/contract";
import { findDivision, levelOf, rangeOf } from "@shouwang/regions";
import { actorOf, afterCursor, cutPage, everyone, mayReach, PageQuery, pageOf, requestJob } from "@shouwang/service-kit";
import { z } from "zod";
import { command, query } from "../kit.ts";
import {
  appointGridWorker,
  type GridWorker,
  isGridWorker,
  listGridWorkers,
  lockGridWorker,
  saveDeparture,
} from "./grid-worker-store.ts";

const GridWorkerView = z.object({
  gridWorkerId: z.string(),
  region: z.string().describe("Village"),
  subject: z.string(),
  name: z.string().nullable().describe("Masked; null while only the sign-in is known"),
  phone: z.string().nullable().describe("Masked"),
  from: z.string(),
  until: z.string().nullable(),
  leftBecause: z.enum(["transferred", "resigned", "retired", "ill", "other"]).nullable(),
  successor: z.string().nullable(),
  version: z.int(),
});
const view = ({ id, nameMask, phoneMask, ...rest }: GridWorker): z.input<typeof GridWorkerView> => ({
  ...rest,
  gridWorkerId: id,
  name: nameMask,
  phone: phoneMask,
});
const Subject = z.string().trim().min(1).max(200);
const officers = ["village-officer", "township-officer", "county-officer"] as const;

export const appointGridWorkerRoute = command(
  {
    method: "post",
    operation: "appoint-grid-worker",
    path: "/grid-workers",
    summary: { zh: "设置网格员", en: "Appoint a grid worker of a village; name and phone are sealed" },
    clauses: ["M-02"],
    allow: officers,
    body: z.object({
      region: RegionCode.describe("Village or community"),
      subject: Subject.describe("Sign-in"),
      name: z.string().trim().min(2).max(40),
      phone: z.string().regex(/^1[3-9]\d{9}$/),
      from: DateText,
    }),
    reply: GridWorkerView,
    status: 201,
    problems: ["invalid-input", "outside-area", "already-exists"],
  },
  async ({ tx, body, actor, keys, now, today }) => {
    const wrong = (pointer: string, rule: string, zh: string, en: string) =>
      refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "M-02" }] });
    const division = findDivision(body.region);
    if (!division || levelOf(division.code) !== "village")
      return wrong("/region", "village", "请填行政村或社区代码", "Name a village or community");
    if (!mayReach(actor, body.region)) return refuse("outside-area");
    if (body.from > today) return wrong("/from", "not-in-future", "起始日不能晚于今天", "The first day cannot be in the future");
    const worker = await appointGridWorker(tx, keys, body, { by: actorOf(actor), at: now });
    if (!worker) return refuse("already-exists");
    const about = {
      action: "appoint-grid-worker",
      entity: "grid-worker",
      entityId: worker.id,
      region: worker.region,
      clause: "M-02",
    };
    return { reply: view(worker), audit: [{ ...about, changed: { subject: body.subject, from: body.from } }] };
  },
);

export const listGridWorkersRoute = query(
  {
    operation: "list-grid-workers",
    path: "/grid-workers",
    summary: { zh: "网格员名册(脱敏)", en: "Grid workers, masked, former ones included" },
    clauses: ["M-02"],
    allow: everyone,
    query: PageQuery.extend({
      region: z
        .string()
        .regex(/^\d{2,12}$/)
        .optional()
        .describe("The caller's own where absent"),
      active: z.stringbool().default(true),
    }),
    reply: pageOf(GridWorkerView),
    problems: [],
  },
  async ({ tx, query: { region, active, cursor, limit }, actor }) => {
    const rows = await listGridWorkers(tx, {
      area: rangeOf(region ?? actor.region),
      activeOnly: active,
      after: afterCursor(cursor),
      limit,
    });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { ...page, items: page.items.map(view) } };
  },
);

export const leaveGridWorker = command(
  {
    method: "post",
    operation: "leave-grid-worker",
    path: "/grid-workers/{gridWorkerId}/departure",
    summary: {
      zh: "网格员离任(网格交接继任者,后台办理)",
      en: "A grid worker leaves; the households go to the successor, or to no grid, as a job with exact totals",
    },
    clauses: ["M-02"],
    allow: officers,
    params: z.object({ gridWorkerId: z.uuid() }),
    body: z.object({
      because: z.enum(["transferred", "resigned", "retired", "ill", "other"]),
      successor: Subject.optional().describe("Sign-in of a grid worker of the same village; absent: nobody yet"),
    }),
    reply: GridWorkerView.extend({ jobId: z.string().describe("The hand-over") }),
    status: 202,
    problems: ["grid-worker-not-found", "state-conflict", "invalid-input"],
  },
  async ({ tx, params, body, actor, today }) => {
    const worker = await lockGridWorker(tx, params.gridWorkerId);
    if (!worker) return refuse("grid-worker-not-found");
    if (worker.until !== null)
      return refuse("state-conflict", { detail: { zh: `已于${worker.until}离任`, en: `Left on ${worker.until} already` } });
    const successor = body.successor ?? null;
    if (successor !== null && (successor === worker.subject || !(await isGridWorker(tx, worker.region, successor))))
      return notOne("/successor");
    const left: GridWorker = {
      ...worker,
      until: today,
      leftBecause: body.because,
      successor,
      version: worker.version + 1,
    };
    await saveDeparture(tx, left);
    const { region, subject } = worker;
    const jobId = await requestJob(tx, actor, {
      kind: "grid-hand-over",
      region,
      input: { region, from: subject, to: successor },
    });
    const about = { action: "leave-grid-worker", entity: "grid-worker", entityId: worker.id, region, clause: "M-02" };
    return { reply: { ...view(left), jobId }, audit: [{ ...about, changed: body }] };
  },
);

export const reassignGrid = command(
  {
    method: "post",
    operation: "reassign-grid",
    path: "/grid-reassignments",
    summary: {
      zh: "网格整体移交",
      en: "Hand all households of a grid to another grid worker of the village, as a job with exact totals",
    },
    clauses: ["M-02"],
    allow: officers,
    body: z.object({ region: RegionCode.describe("Village"), from: Subject, to: Subject }),
    reply: z.object({ jobId: z.string() }),
    status: 202,
    problems: ["invalid-input", "outside-area"],
  },
  async ({ tx, body, actor }) => {
    if (!mayReach(actor, body.region)) return refuse("outside-area");
    if (body.from === body.to || !(await isGridWorker(tx, body.region, body.to))) return notOne("/to");
    return { reply: { jobId: await requestJob(tx, actor, { kind: "grid-hand-over", region: body.region, input: body }) } };
  },
);

const notOne = (pointer: string) =>
  refuse("invalid-input", {
    errors: [
      {
        pointer,
        rule: "grid-worker-of-village",
        zh: "须为本村另一名在任网格员",
        en: "Another active grid worker of the same village",
        clause: "M-02",
      },
    ],
  });
