import { buffer } from "node:stream/consumers";
import { HouseholdId, refuse } from "@shouwang/contract";
import { actorOf, businessDate, type Keys, type Principal, type Tx, writeSheets, xlsx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { type HelperSecret, revealHelper } from "../helper/store.ts";
import { type PersonSecret, revealPerson } from "../household/person-store.ts";
import { findHousehold, registeredAt } from "../household/store.ts";
import { query } from "../kit.ts";
import { type LoadedFile, loadFile } from "./load.ts";
import { fileSheets, type Opened } from "./sheets.ts";

/** Offices that may take a full copy out; the others take a masked one. */
const mayOpen = (actor: Principal): boolean =>
  actor.roles.some((role) => role === "county-officer" || role === "township-officer");

/** M-04b: the household's file as a workbook. The purpose travels in the body, never in an address, and is recorded with who took what. */
export const exportHouseholdFile = query(
  {
    operation: "export-household-file",
    path: "/households/{householdId}/file-copies",
    summary: {
      zh: "导出一户一档(默认脱敏;原文须有权限并说明用途)",
      en: "The household's file as a workbook: masked, or in full with the right and a purpose",
    },
    clauses: ["M-04b"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: z.object({ householdId: HouseholdId }),
    body: z.object({
      purpose: z.string().trim().min(4).max(120),
      full: z.boolean().default(false).describe("Names, numbers and phones in clear"),
    }),
    reply: z.object({}),
    problems: ["household-not-found", "role-not-allowed"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    if (body.full && !mayOpen(actor))
      return refuse("role-not-allowed", {
        detail: { zh: "原文导出限县、乡镇办理", en: "A full copy is the county's and the township's to take" },
      });
    const household = await findHousehold(tx, params.householdId);
    const registered = household && (await registeredAt(tx, household.id));
    if (!household || !registered) return refuse("household-not-found");
    const file = await loadFile(tx, household, businessDate(registered), today);
    const sheets = fileSheets(file, {
      title: "一户一档",
      note: `${body.full ? "原文" : "脱敏"} · 用途:${body.purpose} · ${today}`,
      footer: `${actorOf(actor)} ${now.toISOString()}`,
      opened: body.full ? await open(tx, keys, file) : undefined,
    });
    return {
      download: {
        name: `household-file-${household.householdNo ?? household.id}${body.full ? "" : "-masked"}.xlsx`,
        mediaType: xlsx,
        content: await buffer(writeSheets(sheets)),
      },
      audit: [
        {
          action: body.full ? "export-household-file-full" : "export-household-file",
          entity: "household",
          entityId: household.id,
          region: household.region,
          clause: "M-04b",
          purpose: body.purpose,
          changed: { full: body.full, people: file.members.length },
        },
      ],
    };
  },
);

async function open(tx: Tx<DB>, keys: Keys, file: LoadedFile): Promise<Opened> {
  const people = new Map<string, PersonSecret>();
  for (const { id } of file.members) {
    const person = await revealPerson(tx, keys, id);
    if (person) people.set(id, person.secret);
  }
  const helpers = new Map<string, HelperSecret>();
  for (const { id } of file.cases.flatMap((one) => one.helpers)) {
    const helper = await revealHelper(tx, keys, id);
    if (helper) helpers.set(id, helper.secret);
  }
  return { people, helpers };
}
