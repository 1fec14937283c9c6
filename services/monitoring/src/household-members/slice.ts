import { refuse } from "@shouwang/contract";
import { everyone } from "@shouwang/service-kit";
import { z } from "zod";
import { HouseholdPath } from "../household/entry.ts";
import { pastMembersOf } from "../household/roster-store.ts";
import { findHousehold } from "../household/store.ts";
import { query, slice } from "../kit.ts";
import { changeHead, correctPerson } from "./correct.ts";
import { joinHousehold } from "./join.ts";
import { joinRequestJob, listJoinRequests } from "./join-request.ts";
import { leaveHousehold, recordDeath } from "./leave.ts";

const listPastMembers = query(
  {
    operation: "list-past-members",
    path: "/households/{householdId}/past-members",
    summary: { zh: "曾在户成员(脱敏)", en: "Former members of a household, masked" },
    clauses: ["M-01"],
    allow: everyone,
    params: HouseholdPath,
    reply: z.object({
      items: z.array(
        z.object({
          personId: z.string(),
          name: z.string().describe("Masked; * where the person now stands in another area"),
          relation: z.string(),
          since: z.string(),
          until: z.string().describe("The day it ended, no longer counted"),
          because: z.string(),
        }),
      ),
    }),
    problems: ["household-not-found"],
  },
  async ({ tx, params }) => {
    if (!(await findHousehold(tx, params.householdId))) return refuse("household-not-found");
    return {
      reply: {
        items: (await pastMembersOf(tx, params.householdId)).map(({ nameMask, ...rest }) => ({ ...rest, name: nameMask })),
      },
    };
  },
);

export const householdMembersSlice = slice({
  name: "household-members",
  title: { zh: "家庭成员变动", en: "Members of a household" },
  routes: [joinHousehold, listJoinRequests, leaveHousehold, recordDeath, correctPerson, changeHead, listPastMembers],
  jobs: [joinRequestJob],
});
