/** A job that waits for its next chunk, or is at one. */
export type TurnJob = {
  id: string;
  kind: string;
  /** Whoever asked for it, as `actorOf` writes them. */
  asker: string;
  createdAt: Date;
  /** A chunk of it has been done, or is under way: it holds a place of its kind until it ends. */
  begun: boolean;
  atWork: boolean;
  /** Not due while it waits to be tried again after a failure. */
  due: boolean;
  /** When its last chunk began. */
  turnAt: Date | null;
  /** When a chunk of any job of this asker began last. */
  askerTurnAt: Date | null;
};

/** What a kind says of its turns. */
export type TurnKind = {
  kind: string;
  /** Nobody waits for it. */
  background?: true;
  /** So many jobs of the kind at most are begun and not ended; the others wait for one to end. */
  inTurn?: number;
};

/** A background job that has waited so long is as due as any other, so that it gets on however much people ask for. */
const patienceMs = 900_000;

/**
 * Whose turn is next. The asker with the fewest chunks under way goes first, of several the one whose last turn is longest ago, and first of all who never had one:
 * so everybody who waits has a turn before anybody has two. An asker's kinds of work take turns in the same way, and jobs of one kind are done in the order they were
 * asked for. What nobody waits for goes behind everything else until it has waited long. A kind with few places keeps its last one for askers who hold none.
 * @param among the kinds that may be chosen
 * @returns undefined when nothing may begin now
 */
export function nextTurn(
  jobs: readonly TurnJob[],
  kinds: readonly TurnKind[],
  given: { among: readonly string[]; now: Date },
): TurnJob | undefined {
  const kindOf = new Map(kinds.map((kind) => [kind.kind, kind]));
  const isBackground = ({ kind }: TurnJob) => kindOf.get(kind)?.background === true;
  const isWanted = jobs.some((job) => kindOf.has(job.kind) && !isBackground(job) && (job.due || job.atWork));
  const yields = (job: TurnJob) =>
    isWanted && isBackground(job) && given.now.getTime() - (job.turnAt ?? job.createdAt).getTime() < patienceMs;
  const hasPlace = (job: TurnJob): boolean => {
    const most = kindOf.get(job.kind)?.inTurn;
    if (most === undefined || job.begun) return true;
    const begun = jobs.filter((other) => other.kind === job.kind && other.begun);
    return begun.length < (begun.some(({ asker }) => asker === job.asker) ? most - 1 : most);
  };
  const may = (job: TurnJob) =>
    given.among.includes(job.kind) && kindOf.has(job.kind) && job.due && !job.atWork && !yields(job) && hasPlace(job);

  const atWork = Map.groupBy(
    jobs.filter((job) => job.atWork),
    ({ asker }) => asker,
  );
  const workOf = ({ asker }: TurnJob) => atWork.get(asker)?.length ?? 0;
  const ofKind = Map.groupBy(jobs, ({ asker, kind }) => `${asker} ${kind}`);
  const waitsSince = ({ asker, kind }: TurnJob): number => {
    const alike = ofKind.get(`${asker} ${kind}`) ?? [];
    const turns = alike.flatMap(({ turnAt }) => turnAt?.getTime() ?? []);
    return turns.length > 0 ? Math.max(...turns) : Math.min(...alike.map(({ createdAt }) => createdAt.getTime()));
  };
  return jobs
    .filter(may)
    .sort(
      (a, b) =>
        workOf(a) - workOf(b) ||
        (a.askerTurnAt?.getTime() ?? 0) - (b.askerTurnAt?.getTime() ?? 0) ||
        order(a.asker, b.asker) ||
        waitsSince(a) - waitsSince(b) ||
        Number(b.begun) - Number(a.begun) ||
        a.createdAt.getTime() - b.createdAt.getTime() ||
        order(a.id, b.id),
    )[0];
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
