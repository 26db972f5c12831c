import { readShape } from '../model/index.js';
import type { Condition, Event, Shape } from '../model/index.js';
import { list, oneOf, record, text } from '../model/shape.js';
import type { StatusFacts } from './facts.js';

/** How many events the status branch keeps. */
const KEPT = 200;
const SAME_FOR_MS = 5 * 60_000;

const eventsShape: Shape<readonly Event[]> = list(
  record<Event>({
    involvedObject: record({ kind: text, name: text }),
    severity: oneOf('info', 'warning', 'error'),
    reason: text,
    message: text,
    revision: text,
    reportingController: oneOf('berth'),
    timestamp: text,
  }),
);

/** The events that stand on the branch, oldest first; none when the file is absent or not ours. */
export function readEvents(document: string | undefined): readonly Event[] {
  if (document === undefined) return [];
  try {
    const read = readShape(eventsShape, JSON.parse(document));
    return read.ok ? read.value : [];
  } catch {
    return [];
  }
}

/** Appends events; one that repeats object, reason and revision of another within five minutes is left out. */
export function mergeEvents(kept: readonly Event[], added: readonly Event[]): readonly Event[] {
  const merged = [...kept];
  for (const event of added) {
    const at = Date.parse(event.timestamp);
    const repeats = merged.some(
      (other) => sameStory(other, event) && Math.abs(at - Date.parse(other.timestamp)) < SAME_FOR_MS,
    );
    if (!repeats) merged.push(event);
  }
  return merged.slice(-KEPT);
}

function sameStory(a: Event, b: Event): boolean {
  return (
    a.involvedObject.kind === b.involvedObject.kind &&
    a.involvedObject.name === b.involvedObject.name &&
    a.reason === b.reason &&
    a.revision === b.revision
  );
}

interface Turn {
  readonly kind: string;
  readonly name: string;
  readonly condition: Condition;
}

/** More machines than this that fail together are one outage. */
const GROUPED_FROM = 3;

/** What the conditions tell by having changed: failures (an outage of many machines is one event) and recoveries. */
export function eventsOf(
  facts: StatusFacts,
  settled: ReadonlyMap<string, { readonly before: readonly Condition[]; readonly after: readonly Condition[] }>,
): readonly Event[] {
  const turns = [...settled].flatMap(([object, { before, after }]): readonly Turn[] => {
    const [kind = '', name = ''] = object.split('/');
    const type = kind === 'Cluster' ? 'Ready' : 'Healthy';
    const was = before.find((condition) => condition.type === type);
    const condition = after.find((candidate) => candidate.type === type);
    if (condition === undefined) return [];
    const turned = isTrouble(condition)
      ? condition.status !== (was?.status ?? 'True')
      : condition.status === 'True' && was !== undefined && isTrouble(was);
    return turned ? [{ kind, name, condition }] : [];
  });
  const groups = new Map<string, Turn[]>();
  for (const turn of turns) {
    const key = `${turn.kind} ${turn.condition.status} ${turn.condition.reason}`;
    groups.set(key, [...(groups.get(key) ?? []), turn]);
  }
  return [...groups.values()].flatMap((group) =>
    group.length < GROUPED_FROM ? group.map((turn) => eventOf(facts, turn)) : [outage(facts, group)],
  );
}

/** What is unknown for lack of an answer is worth telling; what is unknown while work goes on is not. */
function isTrouble({ status, reason }: Condition): boolean {
  return status === 'False' || (status === 'Unknown' && reason === 'HostUnreachable');
}

function eventOf(facts: StatusFacts, { kind, name, condition }: Turn): Event {
  const recovered = condition.status === 'True';
  return {
    involvedObject: { kind, name },
    severity: recovered ? 'info' : condition.status === 'Unknown' ? 'warning' : 'error',
    reason: recovered ? 'Recovered' : condition.reason,
    message: condition.message,
    revision: facts.revision,
    reportingController: 'berth',
    timestamp: new Date(facts.now).toISOString(),
  };
}

function outage(facts: StatusFacts, group: readonly Turn[]): Event {
  const first = group[0];
  if (first === undefined) throw new RangeError('an outage concerns somebody');
  const names = group.map((turn) => turn.name);
  const shown = names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ');
  const message = `${group.length} × ${first.kind}: ${shown}`;
  return eventOf(facts, { kind: 'Cluster', name: facts.cluster, condition: { ...first.condition, message } });
}
