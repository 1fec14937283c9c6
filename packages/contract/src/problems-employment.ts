/** Problems of employment: who is at work. */
export const employmentProblems = {
  "work-record-not-found": {
    status: 404,
    zh: "未找到该务工记录,或不在您的管辖范围内",
    en: "No such work record in your area",
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
  "post-not-found": {
    status: 404,
    zh: "未找到该公益性岗位,或不在您的管辖范围内",
    en: "No such post in your area",
    clause: "E-05",
  },
  "post-state": {
    status: 409,
    zh: "该公益性岗位当前状态不能办理此事项",
    en: "The post's present state does not allow this",
    clause: "E-05",
  },
  "post-above-ceiling": {
    status: 422,
    zh: "岗位月标准高于本县最低工资的规定倍数",
    en: "The post's monthly standard is above its multiple of the county's minimum wage",
    clause: "E-04",
  },
  "post-ceiling-unknown": {
    status: 422,
    zh: "本县最低工资类别未录入,该标准高于最低一类的上限,不能核定",
    en: "The county's class of minimum wage is not loaded, and the standard is above the lowest class's ceiling",
    clause: "E-04",
  },
  "floor-reason-needed": {
    status: 422,
    zh: "岗位月标准低于当地农村低保标准,须写明理由",
    en: "The post's monthly standard is below the rural subsistence allowance: a reason is needed",
    clause: "E-04",
  },
  "post-terms-awaited": {
    status: 409,
    zh: "该岗位已有待核定的调整",
    en: "Other terms of the post wait for the county already",
    clause: "E-04",
  },
} as const;
