import { DateText, Refusal, RegionCode, refuse, SweepExtended, SweepId, SweepOpened } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { actorOf, everyone, mayReach } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { sweepCovered } from "./clauses.ts";
import { closeSweeps, countSweeps, markSweepsDaily } from "./count.ts";
import { listNotSeen, readCoverage } from "./coverage.ts";
import { checkOrder, close, extend, partsOf, type Sweep } from "./decide.ts";
import { listFindings, recordFinding } from "./finding.ts";
import { findSweep, insertSweep, lockSweep, markScope, newestSweeps, saveSweep, stateOfSweep } from "./store.ts";
import { SweepView, sweepView } from "./views.ts";

const SweepPath = z.object({ sweepId: SweepId });
const officers = ["region-officer", "city-officer", "county-officer"] as const;

const orderSweep = command(
  {
    method: "post",
    operation: "order-sweep",
    path: "/sweeps",
    summary: { zh: "部署集中排查", en: "Order a sweep: every rural household of its scope is seen once" },
    clauses: ["M-01"],
    allow: officers,
    body: z.object({
      division: RegionCode.describe("Region, city or county that orders it"),
      title: z.string().trim().min(2).max(100),
      document: z.string().trim().min(2).max(200).describe("Document it is ordered by"),
      scope: z.array(RegionCode).min(1).max(200).describe("Divisions of any level"),
      from: DateText,
      until: DateText,
    }),
    reply: SweepView,
    status: 201,
    problems: ["invalid-input", "unknown-division", "outside-area"],
  },
  async ({ tx, body, actor, now }) => {
    const checked = checkOrder(body);
    if (checked instanceof Refusal) return checked;
    if (!mayReach(actor, body.division)) return refuse("outside-area");
    const sweep: Sweep = { ...body, ...checked, id: uuidv7(), status: "open", closedAt: null, figures: null, version: 1 };
    await insertSweep(tx, sweep, { by: actorOf(actor), at: now });
    // A mark a village, whatever the households: they are counted behind.
    await markScope(tx, sweep.scope.map(rangeOf));
    const about = { action: "order-sweep", entity: "sweep", entityId: sweep.id, region: sweep.division, clause: "M-01" };
    return {
      reply: sweepView(sweep),
      events: [SweepOpened.of(sweep.id, 1, sweep.division, stateOfSweep(sweep))],
      audit: [{ ...about, changed: { document: sweep.document, scope: sweep.scope } }],
    };
  },
);

const extendSweep = command(
  {
    method: "post",
    operation: "extend-sweep",
    path: "/sweeps/{sweepId}/extension",
    summary: { zh: "集中排查延期", en: "Give a sweep more time" },
    clauses: ["M-01"],
    allow: officers,
    params: SweepPath,
    body: z.object({ until: DateText, document: z.string().trim().min(2).max(200) }),
    reply: SweepView,
    problems: ["sweep-not-found", "sweep-state", "invalid-input", "outside-area"],
  },
  async ({ tx, params, body, actor }) => {
    const sweep = await lockSweep(tx, params.sweepId);
    if (!sweep) return refuse("sweep-not-found");
    if (!mayReach(actor, sweep.division)) return refuse("outside-area");
    const longer = extend(sweep, body.until);
    if (longer instanceof Refusal) return longer;
    await saveSweep(tx, longer);
    const about = { action: "extend-sweep", entity: "sweep", entityId: sweep.id, region: sweep.division, clause: "M-01" };
    return {
      reply: sweepView(longer),
      events: [SweepExtended.of(longer.id, longer.version, longer.division, stateOfSweep(longer))],
      audit: [{ ...about, changed: { ...body, before: sweep.until } }],
    };
  },
);

const closeSweep = command(
  {
    method: "post",
    operation: "close-sweep",
    path: "/sweeps/{sweepId}/closure",
    summary: { zh: "结束集中排查(定格数据)", en: "Close a sweep: its figures are counted once more and frozen" },
    clauses: ["M-01"],
    allow: officers,
    params: SweepPath,
    body: z.object({}),
    reply: SweepView,
    status: 202,
    problems: ["sweep-not-found", "sweep-state", "outside-area"],
  },
  async ({ tx, params, actor, today }) => {
    const sweep = await lockSweep(tx, params.sweepId);
    if (!sweep) return refuse("sweep-not-found");
    if (!mayReach(actor, sweep.division)) return refuse("outside-area");
    const closing = close(sweep, today);
    if (closing instanceof Refusal) return closing;
    await saveSweep(tx, closing);
    const about = { action: "close-sweep", entity: "sweep", entityId: sweep.id, region: sweep.division, clause: "M-01" };
    return { reply: sweepView(closing), audit: [{ ...about, changed: { until: closing.until } }] };
  },
);

const listSweeps = query(
  {
    operation: "list-sweeps",
    path: "/sweeps",
    summary: { zh: "涉及本辖区的集中排查", en: "Sweeps that concern the caller's area, the newest first" },
    clauses: ["M-01"],
    allow: everyone,
    reply: z.object({ items: z.array(SweepView) }),
    problems: [],
  },
  async ({ tx, actor }) => {
    const concern = (await newestSweeps(tx, 500)).filter((sweep) => partsOf(sweep, actor.region).length > 0);
    return { reply: { items: concern.slice(0, 100).map(sweepView) } };
  },
);

const readSweep = query(
  {
    operation: "read-sweep",
    path: "/sweeps/{sweepId}",
    summary: { zh: "查看集中排查", en: "Read a sweep" },
    clauses: ["M-01"],
    allow: everyone,
    params: SweepPath,
    reply: SweepView,
    problems: ["sweep-not-found"],
  },
  async ({ tx, params, actor }) => {
    const sweep = await findSweep(tx, params.sweepId);
    if (!sweep || partsOf(sweep, actor.region).length === 0) return refuse("sweep-not-found");
    return { reply: sweepView(sweep) };
  },
);

export const sweepSlice = slice({
  name: "sweep",
  title: { zh: "集中排查", en: "Sweeps" },
  routes: [orderSweep, extendSweep, closeSweep, listSweeps, readSweep, readCoverage, listNotSeen, recordFinding, listFindings],
  schedules: [markSweepsDaily, countSweeps, closeSweeps],
  clauses: [sweepCovered],
});
