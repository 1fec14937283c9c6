import { type Bilingual, Department, type Refusal, refuse } from "@shouwang/contract";
import type { Config } from "./config.ts";
import type { Upstream } from "./upstream.ts";

/** A department of the plan, connected or not yet. */
export type Office = {
  service: string;
  title: Bilingual;
  upstream: Upstream | undefined;
  /** The way for answers that are followed for minutes: they take no place from those that are over at once. */
  followed: Upstream | undefined;
};

/** All departments, those of the plan first and in its order. */
export type Departments = {
  all: readonly Office[];
  connected: readonly Upstream[];
  /** The way to a department; a refusal when the plan has it but nothing is connected, or when there is no such department. */
  find(service: string, isFollowed?: boolean): Upstream | Refusal<"dependency-unavailable" | "route-not-found">;
  close(): Promise<void>;
};

const titles: Record<Department, Bilingual> = {
  monitoring: { zh: "防返贫监测", en: "Monitoring" },
  employment: { zh: "稳岗就业", en: "Employment" },
  industry: { zh: "产业帮扶", en: "Industry" },
  funds: { zh: "项目资金", en: "Funds and projects" },
  cooperation: { zh: "粤桂协作", en: "Guangdong–Guangxi cooperation" },
  social: { zh: "社会帮扶", en: "Social help" },
};

/** What a department that nobody has connected is called everywhere. */
export const notYetBuilt: Bilingual = { zh: "尚未建设", en: "not yet built" };

/** Puts the plan's departments together with the connected upstreams; one that the plan does not name (a seventh) comes after them. */
export function departmentsOf(upstreams: Config["UPSTREAMS"], open: (service: string, origin: string) => Upstream): Departments {
  const connected = new Map(upstreams.map(({ service, origin }) => [service, open(service, origin)]));
  const followed = new Map(upstreams.map(({ service, origin }) => [service, open(service, origin)]));
  const further = [...connected.keys()].filter((service) => !Department.safeParse(service).success);
  const all: Office[] = [
    ...Department.options.map((service) => ({
      service,
      title: titles[service],
      upstream: connected.get(service),
      followed: followed.get(service),
    })),
    ...further.map((service) => ({
      service,
      title: { zh: service, en: service },
      upstream: connected.get(service),
      followed: followed.get(service),
    })),
  ];
  return {
    all,
    connected: all.flatMap(({ upstream }) => upstream ?? []),
    close: async () => {
      await Promise.all([...connected.values(), ...followed.values()].map((upstream) => upstream.close()));
    },
    find: (service, isFollowed = false) => {
      const office = all.find((one) => one.service === service);
      if (!office) return refuse("route-not-found");
      return (
        (isFollowed ? office.followed : office.upstream) ??
        refuse("dependency-unavailable", {
          detail: { zh: `${office.title.zh}:尚未建设或尚未接入`, en: `${office.title.en}: not yet built or not connected` },
        })
      );
    },
  };
}
