/** Problems of working together: acting officers. */
export const officeProblems = {
  "acting-not-in-force": {
    status: 403,
    zh: "代理任命不存在或不在有效期内",
    en: "There is no such acting appointment, or it is not in force",
  },
  "acting-not-allowed": { status: 422, zh: "不能这样任命代理", en: "Nobody may be appointed to act like this" },
} as const;
