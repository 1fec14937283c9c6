import type { Bilingual } from "@shouwang/contract";

/** The forms of this department: what each is called, and the version of its wording and layout; paper of an older version is printed again. */
export const formKinds = {
  "application-and-authorisation": {
    title: { zh: "防返贫监测对象申请及承诺授权书", en: "Application and authorisation" },
    layout: 1,
  },
  "annual-update": { title: { zh: "家庭成员和收入年度确认表", en: "Members and income of a year" }, layout: 1 },
  "village-review-record": { title: { zh: "村民主评议记录", en: "Record of the village review" }, layout: 1 },
  "posting-notice": { title: { zh: "公示", en: "Posting notice" }, layout: 1 },
  "visit-record": { title: { zh: "入户走访记录", en: "Record of a visit" }, layout: 1 },
  "clearance-confirmation": { title: { zh: "风险消除确认书", en: "Confirmation that the risk is cleared" }, layout: 1 },
} as const satisfies Record<string, { title: Bilingual; layout: number }>;

export type FormKind = keyof typeof formKinds;
export const formKindNames = Object.keys(formKinds) as [FormKind, ...FormKind[]]; // Safe: the list above has entries and no others.
/** A notice is for everybody to read: it is masked whoever prints it. */
export const alwaysMasked: readonly FormKind[] = ["posting-notice"];
