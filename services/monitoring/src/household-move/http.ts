import { HouseholdId, Refusal, RegionCode, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  actorOf,
  addDays,
  afterCursor,
  brokenConstraint,
  cutPage,
  mayReach,
  PageQuery,
  type Principal,
  pageOf,
  parameterFor,
  requestJob,
  system,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { mayChange } from "../household/change-source.ts";
import { HouseholdPath } from "../household/entry.ts";
import { lockInOrder, lockMembers } from "../household/roster-store.ts";
import { command, query, schedule, slice } from "../kit.ts";
import { findOpenCase } from "../monitored-case/store.ts";
import { moveJob } from "./apply.ts";
import { answer, type Move, mayOffer } from "./decide.ts";
import { findMove, insertMove, listMoves, lockExpired, lockMove, saveMove } from "./store.ts";

const MovePath = z.object({ moveId: z.uuidv7() });
const MoveView = z.object({
  moveId: z.string(),
  householdId: HouseholdId,
  fromRegion: z.string(),
  toRegion: z.string(),
  status: z
    .enum(["offered", "accepted", "declined", "withdrawn", "expired", "done"])
    .describe("accepted: it is being carried out; done: the household is at its new place"),
  reason: z.string(),
  document: z.string().nullable(),
  summary: z
    .object({
      head: z.string().describe("Masked"),
      headcount: z.int(),
      ableWorkers: z.int(),
      householdKind: z.string(),
      monitored: z.boolean(),
    })
    .describe("What the new place sees until the household is there"),
  offeredAt: z.string(),
  expiresOn: z.string(),
  answeredAt: z.string().nullable(),
  declinedBecause: z.string().nullable(),
  appliedAt: z.string().nullable(),
  version: z.int(),
});

const moveView = ({ id, ...move }: Move): z.input<typeof MoveView> => ({
  ...move,
  moveId: id,
  offeredAt: move.offeredAt.toISOString(),
  answeredAt: move.answeredAt?.toISOString() ?? null,
  appliedAt: move.appliedAt?.toISOString() ?? null,
});

const auditOf = (action: string, move: Move, region: string) => [
  {
    action,
    entity: "household",
    entityId: move.householdId,
    region,
    clause: "M-01",
    changed: { moveId: move.id, status: move.status, toRegion: move.toRegion },
  },
];
const reasons = ["marriage", "work", "resettlement", "family", "schooling", "other"] as const;

export const offerMove = command(
  {
    method: "post",
    operation: "offer-household-move",
    path: "/households/{householdId}/moves",
    summary: { zh: "发起整户迁移(由迁入地接收)", en: "Offer a household to its new village, which accepts or declines" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: HouseholdPath,
    body: z.object({
      toRegion: RegionCode.describe("The village it moves to, anywhere in the region"),
      reason: z.enum(reasons),
      document: z.string().trim().max(120).optional(),
    }),
    reply: MoveView,
    status: 201,
    ifMatch: true,
    problems: [
      "household-not-found",
      "household-not-active",
      "household-moving",
      "version-mismatch",
      "unknown-division",
      "invalid-input",
      "move-blocked",
    ],
  },
  async ({ tx, params, body, actor, now, today, expectedVersion }) => {
    const household = (await lockInOrder(tx, [params.householdId])).get(params.householdId);
    const no = await mayChange(tx, household, expectedVersion);
    if (no || !household) return no ?? refuse("household-not-found");
    const open = await findOpenCase(tx, household.id);
    const refused = mayOffer({ from: household.region, to: body.toRegion, caseStatus: open?.status });
    if (refused) return refused;
    const members = await lockMembers(tx, [household.id]);
    const days = await parameterFor(tx, "registry.moveOfferDays", household.region, today);
    const move: Move = {
      id: uuidv7(),
      householdId: household.id,
      fromRegion: household.region,
      toRegion: body.toRegion,
      status: "offered",
      reason: body.reason,
      document: body.document ?? null,
      summary: {
        head: members.find((member) => member.relation === "head")?.nameMask ?? "*",
        headcount: household.headcount,
        ableWorkers: household.ableWorkers,
        householdKind: household.householdKind,
        monitored: household.monitoredKind !== null && !household.riskCleared,
      },
      offeredAt: now,
      expiresOn: addDays(today, days.value ?? 30),
      answeredAt: null,
      declinedBecause: null,
      appliedAt: null,
      version: 1,
    };
    try {
      await insertMove(tx, move, actorOf(actor));
    } catch (error) {
      if (brokenConstraint(error) === "household_move_one_open") return refuse("household-moving");
      throw error;
    }
    return { reply: moveView(move), audit: auditOf("offer-household-move", move, move.fromRegion) };
  },
);

/** Both places see a move; which of them may answer is asked here, of somebody who keeps that place. */
const keeps = (actor: Principal, region: string) => mayReach(actor, region);

export const acceptMove = command(
  {
    method: "post",
    operation: "accept-household-move",
    path: "/household-moves/{moveId}/acceptance",
    summary: { zh: "接收迁入户(受理后即办)", en: "Accept a household that moves here; it is carried out at once afterwards" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: MovePath,
    body: z.object({}),
    reply: MoveView,
    status: 202,
    problems: ["move-not-found", "move-state"],
  },
  async ({ tx, params, actor, now }) => {
    const move = await lockMove(tx, params.moveId);
    if (!move || !keeps(actor, move.toRegion)) return refuse("move-not-found");
    const accepted = answer(move, "accepted", { now });
    if (accepted instanceof Refusal) return accepted;
    await saveMove(tx, accepted, actorOf(actor));
    await requestJob(tx, system("household-move"), {
      kind: "household-move",
      region: accepted.toRegion,
      input: { moveId: accepted.id },
    });
    return { reply: moveView(accepted), audit: auditOf("accept-household-move", accepted, accepted.toRegion) };
  },
);

export const declineMove = command(
  {
    method: "post",
    operation: "decline-household-move",
    path: "/household-moves/{moveId}/refusal",
    summary: { zh: "不予接收迁入户", en: "Decline a household that was offered" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: MovePath,
    body: z.object({ because: z.enum(["not-living-here", "papers-missing", "wrong-village", "other"]) }),
    reply: MoveView,
    problems: ["move-not-found", "move-state"],
  },
  async ({ tx, params, body, actor, now }) => {
    const move = await lockMove(tx, params.moveId);
    if (!move || !keeps(actor, move.toRegion)) return refuse("move-not-found");
    const declined = answer(move, "declined", { now, because: body.because });
    if (declined instanceof Refusal) return declined;
    await saveMove(tx, declined, actorOf(actor));
    return { reply: moveView(declined), audit: auditOf("decline-household-move", declined, declined.toRegion) };
  },
);

export const withdrawMove = command(
  {
    method: "post",
    operation: "withdraw-household-move",
    path: "/household-moves/{moveId}/withdrawal",
    summary: { zh: "撤回迁移", en: "Withdraw an offer that was not answered" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: MovePath,
    body: z.object({}),
    reply: MoveView,
    problems: ["move-not-found", "move-state"],
  },
  async ({ tx, params, actor, now }) => {
    const move = await lockMove(tx, params.moveId);
    if (!move || !keeps(actor, move.fromRegion)) return refuse("move-not-found");
    const withdrawn = answer(move, "withdrawn", { now });
    if (withdrawn instanceof Refusal) return withdrawn;
    await saveMove(tx, withdrawn, actorOf(actor));
    return { reply: moveView(withdrawn), audit: auditOf("withdraw-household-move", withdrawn, withdrawn.fromRegion) };
  },
);

export const listMovesRoute = query(
  {
    operation: "list-household-moves",
    path: "/household-moves",
    summary: { zh: "整户迁移(迁入、迁出)", en: "Moves into or out of an area" },
    clauses: ["M-01"],
    allow: ["region-officer", "city-officer", "county-officer", "township-officer", "village-officer", "auditor"],
    query: PageQuery.extend({
      direction: z.enum(["in", "out"]).default("in"),
      status: MoveView.shape.status.optional(),
    }),
    reply: pageOf(MoveView),
    problems: [],
  },
  async ({ tx, query: { direction, status, cursor, limit }, actor }) => {
    const rows = await listMoves(tx, { direction, status, area: rangeOf(actor.region), after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { items: page.items.map(moveView), next: page.next } };
  },
);

export const readMove = query(
  {
    operation: "read-household-move",
    path: "/household-moves/{moveId}",
    summary: { zh: "查看整户迁移", en: "Read a move and how far it is" },
    clauses: ["M-01"],
    allow: ["region-officer", "city-officer", "county-officer", "township-officer", "village-officer", "auditor"],
    params: MovePath,
    reply: MoveView,
    problems: ["move-not-found"],
  },
  async ({ tx, params }) => {
    const move = await findMove(tx, params.moveId);
    return move ? { reply: moveView(move) } : refuse("move-not-found");
  },
);

/** Offers nobody answered in time lapse; the household stays where it is. */
export const expireMoves = schedule({
  name: "household-moves-expire",
  everyMs: 5_000,
  run: async ({ tx, now, today, actor }) => {
    const expired = await lockExpired(tx, today, 200);
    for (const move of expired) {
      const lapsed = answer(move, "expired", { now });
      if (!(lapsed instanceof Refusal)) await saveMove(tx, lapsed, actorOf(actor));
    }
    return { more: expired.length === 200 };
  },
});

export const householdMoveSlice = slice({
  name: "household-move",
  routes: [offerMove, acceptMove, declineMove, withdrawMove, listMovesRoute, readMove],
  jobs: [moveJob],
  schedules: [expireMoves],
});
