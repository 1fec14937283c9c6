import {
  DateText,
  Refusal,
  RegionCode,
  refuse,
  TaskForceChanged,
  TaskForceEnded,
  TaskForceFormed,
  TaskForceId,
} from "@shouwang/contract";
import { getDivision, levelOf, rangeOf } from "@shouwang/regions";
import { actorOf, everyone, mayReach } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { taskForcesFormed } from "./clauses.ts";
import { change, checkFormation, divisionsOwed, end, type TaskForce } from "./decide.ts";
import {
  changesOf,
  divisionsWithTaskForce,
  insertTaskForce,
  keepPeople,
  listTaskForces,
  lockTaskForce,
  MaskedMember,
  Member,
  revealPeople,
  saveTaskForce,
  stateOfTaskForce,
} from "./store.ts";

const officers = ["region-officer", "city-officer", "county-officer"] as const;
const TaskForcePath = z.object({ taskForceId: TaskForceId });
const Document = z.string().trim().min(2).max(200).describe("Document it rests on");
const TaskForceView = z.object({
  taskForceId: z.string(),
  region: z.string(),
  from: z.string(),
  until: z.string().nullable(),
  members: z.int().describe("How many belong to it, the leader included"),
  version: z.int(),
});
const view = ({ id, endedBecause: _, ...force }: TaskForce): z.input<typeof TaskForceView> => ({ ...force, taskForceId: id });
const about = (action: string, force: TaskForce, changed: Record<string, unknown>) => ({
  action,
  entity: "task-force",
  entityId: force.id,
  region: force.region,
  clause: "M-01",
  changed,
});

const formTaskForce = command(
  {
    method: "post",
    operation: "form-task-force",
    path: "/task-forces",
    summary: { zh: "登记防返贫监测工作专班", en: "Register the task force of a region, city or county; names are sealed" },
    clauses: ["M-01"],
    allow: officers,
    body: z.object({
      region: RegionCode,
      document: Document,
      from: DateText,
      leader: Member,
      members: z.array(Member).max(100).default([]),
    }),
    reply: TaskForceView,
    status: 201,
    problems: ["invalid-input", "unknown-division", "outside-area", "task-force-exists"],
  },
  async ({ tx, body, actor, keys, now, today }) => {
    const refused = checkFormation(body, { today });
    if (refused) return refused;
    if (!mayReach(actor, body.region)) return refuse("outside-area");
    const { region, from, document } = body;
    const people = [body.leader, ...body.members];
    const force: TaskForce = { id: uuidv7(), region, from, until: null, endedBecause: null, members: people.length, version: 1 };
    if (!(await insertTaskForce(tx, force))) return refuse("task-force-exists");
    await keepPeople(tx, keys, force, people, { document, on: from, by: actorOf(actor), at: now });
    return {
      reply: view(force),
      events: [TaskForceFormed.of(force.id, 1, region, stateOfTaskForce(force))],
      audit: [about("form-task-force", force, { document, from, members: people.length })],
    };
  },
);

const changeTaskForce = command(
  {
    method: "post",
    operation: "change-task-force",
    path: "/task-forces/{taskForceId}/changes",
    summary: {
      zh: "调整专班组长、成员(保留历史)",
      en: "Change who belongs to a task force, with the document; the history is kept",
    },
    clauses: ["M-01"],
    allow: officers,
    params: TaskForcePath,
    body: z.object({ document: Document, leader: Member, members: z.array(Member).max(100).default([]) }),
    reply: TaskForceView,
    problems: ["task-force-not-found", "state-conflict"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const before = await lockTaskForce(tx, params.taskForceId);
    if (!before) return refuse("task-force-not-found");
    const people = [body.leader, ...body.members];
    const force = change(before, people.length);
    if (force instanceof Refusal) return force;
    await saveTaskForce(tx, force);
    await keepPeople(tx, keys, force, people, { document: body.document, on: today, by: actorOf(actor), at: now });
    return {
      reply: view(force),
      events: [TaskForceChanged.of(force.id, force.version, force.region, stateOfTaskForce(force))],
      audit: [about("change-task-force", force, { document: body.document, members: people.length })],
    };
  },
);

const endTaskForce = command(
  {
    method: "post",
    operation: "end-task-force",
    path: "/task-forces/{taskForceId}/end",
    summary: { zh: "撤销专班", en: "End a task force; another may follow" },
    clauses: ["M-01"],
    allow: officers,
    params: TaskForcePath,
    body: z.object({ on: DateText.describe("Last day"), document: Document }),
    reply: TaskForceView,
    problems: ["task-force-not-found", "state-conflict", "invalid-input"],
  },
  async ({ tx, params, body, today }) => {
    const before = await lockTaskForce(tx, params.taskForceId);
    if (!before) return refuse("task-force-not-found");
    const force = end(before, { on: body.on, because: body.document, today });
    if (force instanceof Refusal) return force;
    await saveTaskForce(tx, force);
    return {
      reply: view(force),
      events: [TaskForceEnded.of(force.id, force.version, force.region, stateOfTaskForce(force))],
      audit: [about("end-task-force", force, body)],
    };
  },
);

const listTaskForcesRoute = query(
  {
    operation: "list-task-forces",
    path: "/task-forces",
    summary: { zh: "三级专班及缺设地区", en: "Task forces of the area, and the divisions that have none" },
    clauses: ["M-01"],
    allow: everyone,
    reply: z.object({
      owed: z.int().describe("Divisions that are to have one: 126 in the whole region"),
      missing: z
        .array(z.object({ region: z.string(), level: z.enum(["region", "city", "county"]), name: z.string() }))
        .describe("Without an active one: red"),
      items: z.array(TaskForceView),
    }),
    problems: [],
  },
  async ({ tx, actor }) => {
    const owed = divisionsOwed(actor.region).filter((region) => mayReach(actor, region));
    const present = await divisionsWithTaskForce(tx);
    const missing = owed
      .filter((region) => !present.has(region))
      .map((region) => {
        const division = getDivision(region);
        const level = levelOf(division.code);
        return { region, level: level === "region" || level === "city" ? level : ("county" as const), name: division.name };
      });
    return { reply: { owed: owed.length, missing, items: (await listTaskForces(tx, rangeOf(actor.region))).map(view) } };
  },
);

const readTaskForce = query(
  {
    operation: "read-task-force",
    path: "/task-forces/{taskForceId}",
    summary: { zh: "查看专班(脱敏,含历次调整)", en: "A task force, masked, with every change" },
    clauses: ["M-01"],
    allow: everyone,
    params: TaskForcePath,
    reply: z.object({
      taskForceId: z.string(),
      changes: z
        .array(z.object({ version: z.int(), document: z.string(), changedOn: z.string(), people: z.array(MaskedMember) }))
        .describe("The newest first; the leader stands first of the people"),
    }),
    problems: ["task-force-not-found"],
  },
  async ({ tx, params }) => {
    const changes = await changesOf(tx, params.taskForceId);
    return changes.length === 0 ? refuse("task-force-not-found") : { reply: { taskForceId: params.taskForceId, changes } };
  },
);

const revealTaskForce = command(
  {
    method: "post",
    operation: "reveal-task-force",
    path: "/task-forces/{taskForceId}/reveal",
    summary: { zh: "查看专班成员姓名电话(须说明用途,留痕)", en: "Reveal who belongs to a task force: purpose stated, audited" },
    clauses: ["M-01"],
    allow: officers,
    params: TaskForcePath,
    body: z.object({ purpose: z.string().trim().min(4).max(120) }),
    reply: z.object({
      taskForceId: z.string(),
      people: z.array(z.object({ name: z.string(), office: z.string(), phone: z.string().nullable() })),
    }),
    reveals: true,
    problems: ["task-force-not-found"],
  },
  async ({ tx, params, body, keys }) => {
    const found = await revealPeople(tx, keys, params.taskForceId);
    if (!found) return refuse("task-force-not-found");
    const people = found.people.map((member) => ({ ...member, phone: member.phone ?? null }));
    const entry = { action: "reveal-task-force", entity: "task-force", entityId: params.taskForceId, region: found.region };
    return { reply: { taskForceId: params.taskForceId, people }, audit: [{ ...entry, clause: "M-01", purpose: body.purpose }] };
  },
);

export const taskForceSlice = slice({
  name: "task-force",
  title: { zh: "监测专班", en: "Task forces" },
  routes: [formTaskForce, changeTaskForce, endTaskForce, listTaskForcesRoute, readTaskForce, revealTaskForce],
  clauses: [taskForcesFormed],
});
