/** Problems of employment: who is at work. */
export const employmentProblems = {
  "work-record-not-found": {
    status: 404,
    zh: "未找到该务工记录,或不在您的管辖范围内",
    en: "No such work record in your area",
    clause: "E-01",
  },
  "work-record-voided": { status: 409, zh: "该务工记录已作废", en: "This work record was voided", clause: "E-01" },
  "work-record-of-higher-office": {
    status: 403,
    zh: "作废须由登记单位的上级办理",
    en: "A record is voided by an office above the one that recorded it",
    clause: "E-01",
  },
  "work-import-not-found": {
    status: 404,
    zh: "未找到该导入批次,或不在您的管辖范围内",
    en: "No such list in your area",
    clause: "E-01",
  },
  "work-record-ended": { status: 409, zh: "该务工记录已结束", en: "This work has ended", clause: "E-01" },
  "work-overlaps": {
    status: 409,
    zh: "该人员在此期间已有务工记录,请先结束或更正",
    en: "The person has other work in these days; end or correct it first",
    clause: "E-01",
  },
  "not-of-working-age": { status: 422, zh: "不在劳动年龄", en: "Not of working age on that day", clause: "E-01" },
  "no-member-on-the-day": {
    status: 422,
    zh: "该人员当日不在户(已离户或死亡)",
    en: "The person was no member of a household on that day: left, or died",
    clause: "E-01",
  },
  "planned-departure-not-found": {
    status: 404,
    zh: "未找到该外出计划,或不在您的管辖范围内",
    en: "No such planned departure in your area",
    clause: "E-01",
  },
  "planned-departure-exists": {
    status: 409,
    zh: "该人员已有未办结的外出计划",
    en: "The person has a planned departure already",
    clause: "E-01",
  },
  "planned-departure-closed": {
    status: 409,
    zh: "该外出计划已办结",
    en: "The planned departure is over",
    clause: "E-01",
  },
} as const;
