import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText } from "../vocabulary.ts";
import { ids } from "./examples.ts";
import { idOf, Risk, region } from "./fields.ts";

export const EarlyAlarmId = idOf("EarlyAlarmId", "Early alarm of one township");
export type EarlyAlarmId = z.infer<typeof EarlyAlarmId>;

/** What a township's leads say early. What the office found stays with it. */
export const EarlyAlarmState = z.object({
  alarmId: EarlyAlarmId,
  region: region.describe("Township it is about"),
  kind: z
    .enum(["rise", "cluster", "silence"])
    .describe("rise: far more leads than usual; cluster: many of one cause; silence: none for months"),
  cause: Risk.nullable().describe("Cause of a cluster, else null"),
  leads: z.int().nonnegative().describe("Leads it counted when it was raised"),
  raisedOn: DateText.describe("Day it was raised"),
  status: z.enum(["open", "answered", "ended"]).describe("ended: what it tells of is over"),
  answeredOn: DateText.nullable().describe("Day an office said what it found, or null"),
  endedOn: DateText.nullable().describe("Day it was over, or null"),
});
export type EarlyAlarmState = z.infer<typeof EarlyAlarmState>;

const alarmExample: z.input<typeof EarlyAlarmState> = {
  alarmId: ids.earlyAlarm,
  region: "451228101000",
  kind: "cluster",
  cause: "illness",
  leads: 7,
  raisedOn: "2022-08-15",
  status: "open",
  answeredOn: null,
  endedOn: null,
};
const aboutAlarm = { kind: "state", clauses: ["G-01"], readers: ["gateway", "integrators"] } as const;

export const EarlyAlarmRaised = defineEvent("monitoring.early-alarm.raised", 1, EarlyAlarmState, {
  ...aboutAlarm,
  title: { zh: "早期迹象已告警", en: "Early alarm raised over a township" },
  example: alarmExample,
});
export const EarlyAlarmAnswered = defineEvent("monitoring.early-alarm.answered", 1, EarlyAlarmState, {
  ...aboutAlarm,
  title: { zh: "告警已答复", en: "Early alarm answered by an office" },
  example: { ...alarmExample, status: "answered", answeredOn: "2022-08-17" },
});
export const EarlyAlarmEnded = defineEvent("monitoring.early-alarm.ended", 1, EarlyAlarmState, {
  ...aboutAlarm,
  title: { zh: "告警已解除", en: "Early alarm over" },
  example: { ...alarmExample, status: "ended", answeredOn: "2022-08-17", endedOn: "2022-09-10" },
});
