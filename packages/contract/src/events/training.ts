import { z } from "zod";
import { defineEvent, type EventAbout } from "../define-event.ts";
import { DateText } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { household, idOf, person, region } from "./fields.ts";

const TrainingFinishedData = z.object({
  trainingId: idOf("TrainingId", "One person's course"),
  personId: person,
  householdId: household,
  region,
  brand: z.enum(["cook", "housekeeper", "technician", "craftsman", "other"]).describe("Programme it belongs to"),
  days: z.int().positive().describe("Days of the course"),
  certified: z.boolean().describe("A certificate was obtained"),
  finishedOn: DateText.describe("Last day"),
});

/** One person finished one course: a measure, but no job help, so it excludes nobody from industry coverage. */
export const trainingFinished = <const D extends "employment" | "cooperation">(
  by: D,
  clauses: readonly string[],
  readers: EventAbout<typeof TrainingFinishedData>["readers"],
) =>
  defineEvent(`${by}.training.finished`, 1, TrainingFinishedData, {
    kind: "fact",
    title: { zh: "培训已结业", en: "Training finished" },
    clauses,
    readers,
    example: {
      trainingId: ids.source,
      personId: ids.person,
      householdId: ids.household,
      region: village,
      brand: "housekeeper",
      days: 12,
      certified: true,
      finishedOn: "2022-06-24",
    },
  });
