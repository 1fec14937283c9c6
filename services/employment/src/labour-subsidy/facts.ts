import { Fen, Month, PersonId } from "@shouwang/contract";
import { z } from "zod";
import { whoFacts } from "../claimant/facts.ts";
import type { LabourFacts } from "./terms-decide.ts";

const WageProof = z.enum(["bank-statement", "signed-wage-roll", "social-insurance", "labour-contract"]);

/** What a month of labour subsidy rests on, as it is kept. */
export const Facts = z.object({
  ...whoFacts,
  month: Month,
  employerId: z.string(),
  employerKind: z.string(),
  employerCounty: z.string(),
  county: z.string(),
  employerOperating: z.boolean(),
  knownBy: z.enum(["credit-code", "certificate"]),
  ownHousehold: z.boolean(),
  daysInCounty: z.int(),
  daysHere: z.int(),
  daysOutside: z.int(),
  daysAtPost: z.int(),
  stableBefore: z.int(),
  stableTotal: z.int(),
  wageFen: z.int(),
  wageProof: z.string(),
}) satisfies z.ZodType<LabourFacts>;

/** One worker of a batch: who, and what was paid for the month. */
export const Worker = z.object({
  personId: PersonId,
  wageFen: Fen.min(1).describe("Wage of the month, in fen"),
  wageProof: WageProof.describe("What proves that it was paid"),
});

/** What is sent to claim a month. */
export const Entry = Worker.extend({ month: Month, employerId: z.uuid() });
