import { MeasureCategory, Reason } from "@shouwang/contract";
import { z } from "zod";
import type { FirstMeasure, Measure } from "./decide.ts";

export const MeasureView = z.object({
  measureId: z.string(),
  householdId: z.string(),
  personId: z.string().nullable().describe("Who of the household it reached, where another department says so"),
  region: z.string(),
  leadId: z.string().nullable(),
  caseId: z.string().nullable(),
  planItemId: z.string().nullable(),
  category: MeasureCategory,
  development: z.boolean(),
  epidemic: z.boolean(),
  implementedAt: z.string(),
  amountFen: z.int().nullable(),
  sourceDepartment: z.string(),
  sourceId: z.string().nullable(),
  sourceKind: z.string().nullable().describe("What it is at the department that gave it"),
  takenBackOn: z.string().nullable().describe("Taken back by that department on this day: it counts for nothing"),
  fileId: z.string().nullable(),
  recordedAt: z.string(),
});

export const measureView = (measure: Measure): z.input<typeof MeasureView> => {
  const { id, recordedBy: _, ...rest } = measure;
  return {
    ...rest,
    measureId: id,
    implementedAt: measure.implementedAt.toISOString(),
    recordedAt: measure.recordedAt.toISOString(),
  };
};

export const EmergencyView = z
  .object({
    counts: z.boolean().describe("It is the first measure the lead was owed"),
    onTime: z.boolean().nullable(),
    minutes: z.int().nullable().describe("From discovery"),
    reason: Reason,
  })
  .nullable()
  .describe("What it means for the lead it was given for, or null");

export const emergencyView = (emergency: FirstMeasure | undefined): z.input<typeof EmergencyView> =>
  emergency
    ? {
        counts: emergency.counts,
        onTime: emergency.counts ? emergency.onTime : null,
        minutes: emergency.counts ? emergency.minutes : null,
        reason: emergency.reason,
      }
    : null;
