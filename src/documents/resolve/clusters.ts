import { problem, type Problem } from '../../model/index.js';
import type { DocumentOf, Kind } from '../../model/kinds.generated.js';
import { ofKind, placeOf, type Checked } from '../check/check.js';
import { suggestion } from '../check/spelling.js';

/** A cluster and the documents that count for it. */
export interface ClusterDocuments {
  readonly cluster: Checked<DocumentOf<'Cluster'>>;
  readonly documents: readonly Checked[];
}

/** Kinds that serve all clusters when they name none. */
const SHARED: ReadonlySet<Kind> = new Set<Kind>(['DeviceClass', 'PortProfile', 'RoleProfile']);

/** Deals the documents out to the clusters that they belong to. */
export function perCluster(documents: readonly Checked[], problems: Problem[]): readonly ClusterDocuments[] {
  const clusters = unique(ofKind(documents, 'Cluster'));
  if (clusters.length === 0) {
    const message = 'there is no Cluster document';
    problems.push(problem({ code: 'NoCluster', message, hint: 'add one: see schemas/README.md#cluster' }));
    return [];
  }
  const names = clusters.map(({ document }) => document.metadata.name);
  const dealt = new Map<string, Checked[]>(names.map((name) => [name, []]));
  for (const checked of documents) {
    for (const name of clustersOf(checked, names, problems)) dealt.get(name)?.push(checked);
  }
  return clusters.map((cluster) => ({ cluster, documents: dealt.get(cluster.document.metadata.name) ?? [] }));
}

function clustersOf(checked: Checked, names: readonly string[], problems: Problem[]): readonly string[] {
  const { kind, metadata } = checked.document;
  if (kind === 'Cluster') return [metadata.name];
  if (metadata.cluster !== undefined) {
    if (names.includes(metadata.cluster)) return [metadata.cluster];
    const message = `there is no Cluster "${metadata.cluster}"`;
    const place = placeOf(checked, '/metadata/cluster');
    problems.push(problem({ code: 'UnknownReference', message, hint: suggestion(metadata.cluster, names, ''), place }));
    return [];
  }
  if (names.length === 1 || SHARED.has(kind)) return names;
  const message = `${kind} "${metadata.name}" does not say which cluster it belongs to`;
  const hint = `write metadata.cluster: one of ${names.join(', ')}`;
  problems.push(problem({ code: 'MissingCluster', message, hint, place: placeOf(checked, '/metadata/name') }));
  return [];
}

/** Clusters of one name are told of as duplicates by the catalog of the first; they must not be dealt to twice. */
function unique(clusters: readonly Checked<DocumentOf<'Cluster'>>[]): readonly Checked<DocumentOf<'Cluster'>>[] {
  return [...new Map([...clusters].reverse().map((each) => [each.document.metadata.name, each])).values()].reverse();
}
