import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { household, idOf, region } from "./fields.ts";

export const FormId = idOf("FormId", "Printed form");
export type FormId = z.infer<typeof FormId>;

/** A printed form came back signed and is filed: what was printed on it still held. What the signature brings about is told by the event of that thing. */
export const FormReturned = defineEvent(
  "monitoring.form.returned",
  1,
  z.object({
    formId: FormId,
    householdId: household,
    region,
    form: z
      .enum([
        "application-and-authorisation",
        "annual-update",
        "village-review-record",
        "posting-notice",
        "visit-record",
        "clearance-confirmation",
      ])
      .describe("Which form"),
    signedOn: DateText.describe("Day on which it was signed"),
    readBy: z.enum(["qr", "hand"]).describe("How its code was read from the scan"),
  }),
  {
    kind: "fact",
    title: { zh: "签字表已归档", en: "Signed form came back and is filed" },
    clauses: ["M-03", "M-04b", "M-05"],
    readers: ["gateway", "integrators"],
    example: {
      formId: ids.source,
      householdId: ids.household,
      region: village,
      form: "annual-update",
      signedOn: "2022-08-15",
      readBy: "qr",
    },
  },
);
