/** Somebody to sign in as in a demo. The claims are those that an official's real token carries. */
export type DemoUser = {
  /** What `npm run token -- <id>` takes. */
  id: string;
  label: { zh: string; en: string };
  /** Opaque: who this is stands in no token. */
  sub: string;
  roles: string[];
  /** The administrative code whose area the user works for: 45, or 4, 6, 9 or 12 digits. */
  region: string;
  department?: string;
  counties?: string[];
};

const COUNTY = { code: "451228", zh: "都安瑶族自治县", en: "Du'an Yao Autonomous County" };
const TOWNSHIP = { code: "451228101", zh: "高岭镇", en: "Gaoling Town" };
const VILLAGE = { code: "451228101201", zh: "定福村", en: "Dingfu Village" };

const DEPARTMENTS = {
  health: ["卫生健康", "health"],
  "medical-insurance": ["医疗保障", "medical insurance"],
  "civil-affairs": ["民政", "civil affairs"],
  education: ["教育", "education"],
  disability: ["残联", "disabled persons' federation"],
  housing: ["住房城乡建设", "housing"],
  water: ["水利", "water"],
  emergency: ["应急管理", "emergency management"],
  "human-resources": ["人力资源社会保障", "human resources"],
  agriculture: ["农业农村", "agriculture"],
  finance: ["财政", "finance"],
  "cooperation-office": ["粤桂协作办", "cooperation office"],
} as const;

const user = (id: string, role: string, region: string, zh: string, en: string, more: Partial<DemoUser> = {}): DemoUser => ({
  id,
  label: { zh, en },
  sub: `u-${id}`,
  roles: [role],
  region,
  ...more,
});

/** One user for every role, and two where two different people must act. */
export const demoUsers: readonly DemoUser[] = [
  user("province", "region-officer", "45", "自治区乡村振兴干部", "Region officer"),
  user("city-4512", "city-officer", "4512", "河池市干部", "City officer, Hechi"),
  user("county-451228", "county-officer", COUNTY.code, `${COUNTY.zh}干部`, `County officer, ${COUNTY.en}`),
  user("county-451228-b", "county-officer", COUNTY.code, `${COUNTY.zh}干部（乙）`, `Second county officer, ${COUNTY.en}`),
  user("county-451229", "county-officer", "451229", "大化瑶族自治县干部", "County officer, Dahua Yao Autonomous County"),
  user(`township-${TOWNSHIP.code}`, "township-officer", TOWNSHIP.code, `${TOWNSHIP.zh}干部`, `Township officer, ${TOWNSHIP.en}`),
  user(
    `township-${TOWNSHIP.code}-b`,
    "township-officer",
    TOWNSHIP.code,
    `${TOWNSHIP.zh}干部（乙）`,
    `Second township officer, ${TOWNSHIP.en}`,
  ),
  user(`village-${VILLAGE.code}`, "village-officer", VILLAGE.code, `${VILLAGE.zh}村干部`, `Village officer, ${VILLAGE.en}`),
  user(
    `village-${VILLAGE.code}-b`,
    "village-officer",
    VILLAGE.code,
    `${VILLAGE.zh}村干部（乙）`,
    `Second village officer, ${VILLAGE.en}`,
  ),
  user(`grid-${VILLAGE.code}`, "grid-worker", VILLAGE.code, `${VILLAGE.zh}网格员`, `Grid worker, ${VILLAGE.en}`),
  user(
    `secretary-${VILLAGE.code}`,
    "first-secretary",
    VILLAGE.code,
    `${VILLAGE.zh}驻村第一书记`,
    `First secretary, ${VILLAGE.en}`,
  ),
  user("helper-1", "helper", COUNTY.code, "帮扶责任人（甲）", "Helper"),
  user("helper-2", "helper", COUNTY.code, "帮扶责任人（乙）", "Second helper"),
  ...Object.entries(DEPARTMENTS).map(([department, [zh, en]]) =>
    user(
      `${department}-${COUNTY.code}`,
      "department-officer",
      COUNTY.code,
      `${COUNTY.zh}${zh}部门干部`,
      `Department officer (${en}), ${COUNTY.en}`,
      {
        department,
      },
    ),
  ),
  user(
    "human-resources-4512",
    "department-officer",
    "4512",
    "河池市人力资源社会保障部门干部",
    "Department officer (human resources), Hechi",
    {
      department: "human-resources",
    },
  ),
  user(
    "human-resources-45",
    "department-officer",
    "45",
    "自治区人力资源社会保障部门干部",
    "Department officer (human resources), region",
    {
      department: "human-resources",
    },
  ),
  user("auditor", "auditor", "45", "审计人员", "Auditor"),
  user("operator", "operator", "45", "系统运维人员", "Operator"),
];
