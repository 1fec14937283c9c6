import { DateText, Fen, PersonId, Year } from "@shouwang/contract";
import { z } from "zod";
import { whoFacts } from "../claimant/facts.ts";
import type { TransportFacts } from "./terms-decide.ts";

const Proof = z.enum([
  "work-certificate",
  "labour-contract",
  "wage-record",
  "ticket",
  "employer-roll",
  "home-visit",
  "phone",
  "social-insurance",
]);

/** What a transport subsidy rests on, as it is kept. */
export const Facts = z.object({
  year: Year,
  workRecordId: z.string().nullable(),
  scope: z.enum(["in-county", "in-region", "outside-region", "abroad"]).nullable(),
  workFrom: z.string().nullable(),
  workUntil: z.string().nullable(),
  ...whoFacts,
  monthsAway: z.int(),
  postFrom: z.string().nullable(),
  postUntil: z.string().nullable(),
  fareFen: z.int().nullable(),
  proofs: z.array(z.string()).readonly(),
}) satisfies z.ZodType<TransportFacts>;

/** What is sent to claim one. The work, the household and what proves them come from this department's own records. */
export const Entry = z.object({
  personId: PersonId,
  year: Year,
  on: DateText.optional().describe("Date that counts; the first day of the year that fulfils everything where absent"),
  fareFen: Fen.optional().describe("Fare there and back by the tickets, where the county pays by ticket"),
  proofs: z.array(Proof).max(8).optional().describe("What proves the work; how the work record was made where absent"),
});
