import { Month } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { everyone } from "@shouwang/service-kit";
import { z } from "zod";
import { query } from "../kit.ts";
import { roundDays, roundGrids } from "./store.ts";

const Within = z
  .string()
  .regex(/^\d{6}(\d{3}(\d{3})?)?$/)
  .describe("A county, a township or a village");
const params = z.object({ month: Month });

export const readRoundGrids = query(
  {
    operation: "read-visit-round-grids",
    path: "/visit-rounds/{month}/grids",
    summary: { zh: "各网格遍访进度", en: "The round grid by grid, as last counted" },
    clauses: ["M-02"],
    allow: everyone,
    params,
    query: z.object({ region: Within }),
    reply: z.object({
      items: z.array(
        z.object({
          region: z.string(),
          gridWorker: z.string().nullable().describe("Null: households that no grid holds"),
          households: z.int(),
          focusHouseholds: z.int(),
          atHome: z.int(),
          byCall: z.int(),
          notSeen: z.int().describe("Neither seen at home nor reached by a call"),
        }),
      ),
    }),
    problems: [],
  },
  async ({ tx, params: { month }, query: { region } }) => ({ reply: { items: await roundGrids(tx, month, rangeOf(region)) } }),
);

export const readRoundDays = query(
  {
    operation: "read-visit-round-days",
    path: "/visit-rounds/{month}/days",
    summary: { zh: "遍访逐日进度", en: "The round day by day: households first reached on each day, as last counted" },
    clauses: ["M-02"],
    allow: everyone,
    params,
    query: z.object({ region: Within }),
    reply: z.object({ items: z.array(z.object({ day: z.string(), atHome: z.int(), byCall: z.int() })) }),
    problems: [],
  },
  async ({ tx, params: { month }, query: { region } }) => ({ reply: { items: await roundDays(tx, month, rangeOf(region)) } }),
);
