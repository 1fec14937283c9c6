/** Problems of claims of money, whatever they are for; the reasons name the clause. */
export const claimProblems = {
  "claim-not-found": { status: 404, zh: "未找到该申请,或不在您的管辖范围内", en: "No such claim in your area" },
  "claim-state": { status: 409, zh: "申请的现状态不能办理此事项", en: "The claim stands where this cannot be done" },
  "claim-exists": {
    status: 409,
    zh: "本县已有同一对象同一期间的申请",
    en: "The county has an open claim for the same and the same period",
  },
  "claim-of-other": {
    status: 422,
    zh: "修改不能改变申请对象、期间或归属地,请作废后重新申请",
    en: "A claim's person, period and place stay as they are; make it void and make another",
  },
  "claim-not-eligible": { status: 422, zh: "不符合补助条件", en: "The rule does not allow it" },
  "claim-needs-decision": {
    status: 422,
    zh: "规则无法判定,须由县级写明理由决定",
    en: "The rule cannot say; the county decides, with its reason",
  },
  "claim-registered-elsewhere": {
    status: 422,
    zh: "认定日当天户籍不在本辖区,由当天户籍所在县受理",
    en: "On the date that counts the person was registered elsewhere: that county pays",
  },
  "claim-without-work": {
    status: 422,
    zh: "所申请期间没有可据以补助的务工记录",
    en: "No work is recorded in the period that the claim could rest on",
  },
  "claim-posting-running": { status: 422, zh: "补助公示期未满", en: "The posting has not run its days" },
  "claim-objection-open": { status: 409, zh: "公示异议尚未答复", en: "An objection to what is posted is open" },
  "claim-source-missing": { status: 422, zh: "未填资金来源,不能审定", en: "It names no pool to be paid from" },
  "claim-source-not-allowed": {
    status: 422,
    zh: "资金来源不在允许范围内,且未填批准文号",
    en: "A pool that the settings do not allow, without the document that does",
  },
  "claim-paid-elsewhere": {
    status: 409,
    zh: "同一期间已在自治区内其他处审定或发放",
    en: "Approved or paid already elsewhere in the region for the same period",
  },
  "claim-cap-reached": { status: 409, zh: "已达规定的最多次数", en: "As many are approved already as the rule allows" },
  "claim-appeal-late": { status: 422, zh: "已过复核期限", en: "The days to ask for another look are over" },
} as const;
