import { RegionCode, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  actorOf,
  addDays,
  afterCursor,
  brokenConstraint,
  cutPage,
  endOfDay,
  PageQuery,
  pageOf,
  parameterFor,
  parseBusinessDate,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { mayChange } from "../household/change-source.ts";
import { HouseholdPath } from "../household/entry.ts";
import { lockInOrder, lockMembers } from "../household/roster-store.ts";
import { command, due, query, slice } from "../kit.ts";
import { findOpenCase } from "../monitored-case/store.ts";
import { acceptMove, declineMove, expireMoves, withdrawMove } from "./answer.ts";
import { moveJob } from "./apply.ts";
import { type Move, mayOffer } from "./decide.ts";
import { findMove, insertMove, listMoves } from "./store.ts";
import { auditOf, MovePath, MoveView, moveView } from "./views.ts";

const reasons = ["marriage", "work", "resettlement", "family", "schooling", "other"] as const;

const offerMove = command(
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
    const no = await mayChange(tx, household, expectedVersion, "arrangement");
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
      expiresOn: addDays(today, days.value),
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

const listMovesRoute = query(
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

const readMove = query(
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

/** M-01: what is offered to a village waits in its to-do list until the offer's last day. */
const answerMove = due({
  kind: "answer-household-move",
  clause: "M-01",
  entity: "household-move",
  role: "village-officer",
  open: async ({ tx, actor, limit }) => {
    const area = rangeOf(actor.region);
    const moves = await listMoves(tx, { direction: "in", status: "offered", area, after: undefined, limit: limit - 1 });
    return moves.map((move) => ({
      id: move.id,
      // Not theirs to open until it is there.
      householdId: null,
      region: move.toRegion,
      startedAt: move.offeredAt,
      dueAt: endOfDay(parseBusinessDate(move.expiresOn)),
    }));
  },
});

export const householdMoveSlice = slice({
  name: "household-move",
  title: { zh: "农户迁移", en: "Moves of households" },
  routes: [offerMove, acceptMove, declineMove, withdrawMove, listMovesRoute, readMove],
  jobs: [moveJob],
  schedules: [expireMoves],
  dues: [answerMove],
});
