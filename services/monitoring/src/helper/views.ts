import { z } from "zod";
import type { Helper } from "./decide.ts";

export const HelperView = z.object({
  helperId: z.string(),
  caseId: z.string(),
  householdId: z.string(),
  region: z.string(),
  subject: z.string().describe("Sign-in of the helper, opaque"),
  name: z.string().describe("Masked"),
  phone: z.string().describe("Masked"),
  relationship: z.enum(["none", "relative"]),
  from: z.string(),
  until: z.string().nullable().describe("Last day, or null while active"),
  releasedBecause: z.string().nullable(),
  version: z.int(),
});

export const helperView = (helper: Helper): z.input<typeof HelperView> => {
  const { id, nameMask, phoneMask, ...rest } = helper;
  return { ...rest, helperId: id, name: nameMask, phone: phoneMask };
};
