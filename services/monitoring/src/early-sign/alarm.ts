import { EarlyAlarmEnded, EarlyAlarmRaised, type EventDraft } from "@shouwang/contract";
import { toRegionCode } from "@shouwang/regions";
import {
  addDays,
  type BusinessDate,
  businessDate,
  endDeadline,
  endOfDay,
  openDeadlines,
  type ParameterReader,
  readParameters,
  type Tx,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { schedule } from "../kit.ts";
import { type AlarmSettings, type EarlyAlarm, type Sign, signsOf } from "./decide.ts";
import { insertAlarm, leadsByTownship, lockAlarms, saveAlarm, stateOfAlarm } from "./store.ts";

const keys = [
  "alarm.windowDays",
  "alarm.deviations",
  "alarm.minimumLeads",
  "alarm.causeCluster",
  "alarm.silenceMonths",
  "alarm.answerDays",
] as const;

const settingsOf = (read: ParameterReader, region: string): AlarmSettings => ({
  windowDays: read("alarm.windowDays", region).value,
  deviations: read("alarm.deviations", region).value,
  minimumLeads: read("alarm.minimumLeads", region).value,
  causeCluster: read("alarm.causeCluster", region).value,
  silenceMonths: read("alarm.silenceMonths", region).value,
  document: read("alarm.deviations", region).document,
});

const sameSign = (alarm: EarlyAlarm, sign: Sign, region: string): boolean =>
  alarm.region === region && alarm.kind === sign.kind && alarm.cause === sign.cause;

/** Looks at every township: raises what it finds, and ends what is over. An alarm that stands on is left as it is. */
async function watchTownships(tx: Tx<DB>, now: Date, today: BusinessDate): Promise<EventDraft[]> {
  const read = await readParameters(tx, keys, today);
  const windowDays = settingsOf(read, "450000000000").windowDays;
  const standing = await lockAlarms(tx);
  const events: EventDraft[] = [];
  const still = new Set<string>();
  for (const [township, leads] of await leadsByTownship(tx, { today, windowDays })) {
    const region = toRegionCode(township);
    for (const sign of signsOf(leads, { ...settingsOf(read, region), windowDays }, today)) {
      const present = standing.find((alarm) => sameSign(alarm, sign, region));
      if (present) still.add(present.id);
      else events.push(await raise(tx, sign, region, { now, today, days: read("alarm.answerDays", region).value }));
    }
  }
  for (const alarm of standing.filter(({ id }) => !still.has(id))) {
    const ended: EarlyAlarm = { ...alarm, status: "ended", endedOn: today, version: alarm.version + 1 };
    await saveAlarm(tx, ended);
    await endDeadline(tx, "answer-alarm", "early-alarm", alarm.id, "cancelled", now);
    events.push(EarlyAlarmEnded.of(ended.id, ended.version, ended.region, stateOfAlarm(ended)));
  }
  return events;
}

async function raise(
  tx: Tx<DB>,
  { kind, cause, leads, reason }: Sign,
  region: string,
  given: { now: Date; today: BusinessDate; days: number },
): Promise<EventDraft> {
  const id = uuidv7();
  const alarm: EarlyAlarm = {
    ...{ id, region, kind, cause, leads, explanation: [reason], raisedOn: given.today },
    ...{ status: "open", answeredOn: null, endedOn: null, version: 1 },
  };
  await insertAlarm(tx, alarm);
  await openDeadlines(tx, [
    {
      kind: "answer-alarm",
      clause: "G-01",
      entity: "early-alarm",
      entityId: id,
      region,
      role: "county-officer",
      startedAt: given.now,
      dueAt: endOfDay(addDays(given.today, given.days)),
    },
  ]);
  return EarlyAlarmRaised.of(id, 1, region, stateOfAlarm(alarm));
}

/** Once a day, in the first hours of it. */
export const watchDaily = schedule({
  name: "early-alarms",
  everyMs: 2_000,
  slot: (now) => businessDate(now),
  run: async ({ tx, now, today }) => ({ events: await watchTownships(tx, now, today) }),
});
