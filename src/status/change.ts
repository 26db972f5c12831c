import { clusterFolder } from './documents.js';
import type { StatusDocuments } from './documents.js';

type StatusTree = ReadonlyMap<string, string>;

/**
 * Keys whose value alone is no news: times, durations, progress, loads, and the hashes and estimates that follow them.
 * A plan that moves something has its hash in `status.yaml`, where it does count.
 */
const VOLATILE: ReadonlySet<string> = new Set([
  ...['at', 'samples', 'dirtyMibps', 'job', 'latencies', 'expiresAt', 'learned', 'epoch'],
  ...[
    'created_at',
    'expires_at',
    'checksum',
    'plan_hash',
    'observed_fingerprint',
    'estimate',
    'summary',
    'projections',
    'gain',
    'value',
  ],
]);

/** True when a reader would learn something: anything but volatile values differs in what the cluster's pass writes. */
export function materialChange(previous: StatusTree, next: StatusDocuments): boolean {
  return [...next].some(([path, text]) => {
    const old = previous.get(path);
    return old === undefined || essence(path, old) !== essence(path, text);
  });
}

/**
 * What to write over `previous`: nothing at all when nothing material changed, else every file that differs. Documents of
 * the cluster that are no longer written are deleted (null), other clusters' are left alone.
 */
export function statusChanges(
  cluster: string,
  previous: StatusTree,
  next: StatusDocuments,
): ReadonlyMap<string, string | null> {
  const changes = new Map<string, string | null>();
  const gone = staleDocuments(cluster, previous, next);
  if (gone.length === 0 && !materialChange(previous, next)) return changes;
  for (const path of gone) changes.set(path, null);
  for (const [path, text] of next) if (previous.get(path) !== text) changes.set(path, text);
  return changes;
}

/** Machines and hosts that are written no more; a pass that could not read the documents says nothing about them. */
function staleDocuments(cluster: string, previous: StatusTree, next: StatusDocuments): readonly string[] {
  const folder = clusterFolder(cluster);
  if (!next.has(`${folder}/observed.json`)) return [];
  const own = [`${folder}/machines/`, `${folder}/hosts/`];
  return [...previous.keys()].filter((path) => own.some((prefix) => path.startsWith(prefix)) && !next.has(path));
}

/** The text without what is volatile in it; messages are, because they tell of loads and progress. */
function essence(path: string, text: string): string {
  if (path.endsWith('/plan.md')) return '';
  if (path.endsWith('.yaml')) return text.replace(/^ *message: .*\n/gm, '');
  if (!path.endsWith('.json') || path.endsWith('/events.json')) return text;
  try {
    return JSON.stringify(JSON.parse(text, (key, value: unknown) => (VOLATILE.has(key) ? undefined : value)));
  } catch {
    return text;
  }
}
