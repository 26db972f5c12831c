import type { Desired, DesiredCluster, Problem } from '../../model/index.js';
import type { DocumentOf } from '../../model/kinds.generated.js';
import { placeOf, type Checked } from '../check/check.js';
import { Catalog } from './catalog.js';
import type { ClusterDocuments } from './clusters.js';
import { accessGroups, deviceClasses, hosts, portProfiles } from './inventory.js';
import { approvals, loadPolicies } from './load-policies.js';
import { machines } from './machines.js';
import { migrationPolicies } from './migration-policies.js';
import { disruptionBudgets, placementRules } from './placement-rules.js';

/** What a cluster's documents say together, and the catalog by which a part of it is found in its file again. */
export interface Resolved {
  readonly desired: Desired;
  readonly catalog: Catalog;
}

/** Follows every reference and selector of a cluster's documents; what cannot be followed is added to the problems. */
export function resolve(revision: string, { cluster, documents }: ClusterDocuments, problems: Problem[]): Resolved {
  const catalog = new Catalog(documents, problems);
  const desiredCluster = resolveCluster(catalog, cluster);
  const allHosts = hosts(catalog);
  const migration = migrationPolicies(catalog, desiredCluster.limits, desiredCluster.place);
  const desired: Desired = {
    revision,
    cluster: desiredCluster,
    hosts: allHosts,
    accessGroups: accessGroups(catalog, allHosts),
    portProfiles: portProfiles(catalog),
    deviceClasses: deviceClasses(catalog),
    machines: machines(catalog, migration.of),
    rules: placementRules(catalog),
    disruptionBudgets: disruptionBudgets(catalog),
    loadPolicies: loadPolicies(catalog, allHosts),
    migrationPolicies: migration.policies,
    approvals: approvals(catalog),
  };
  return { desired, catalog };
}

/** What each driver cannot do without. */
const CONNECTION_NEEDS = {
  simulator: ['scenario', 'write the path of the scenario, such as .simulator/cluster.yaml'],
  libvirt: ['hosts', 'name each host with its uri, such as { host-a: { uri: "qemu+tls://host-a/system" } }'],
} as const;

function resolveCluster(catalog: Catalog, cluster: Checked<DocumentOf<'Cluster'>>): DesiredCluster {
  const { metadata, spec } = cluster.document;
  const [field, hint] = CONNECTION_NEEDS[spec.driver];
  if (spec.connection[field] === undefined)
    catalog.problem('MissingField', `"connection" has no "${field}"`, hint, placeOf(cluster, '/spec/connection'));
  return {
    name: metadata.name,
    place: placeOf(cluster, '/metadata/name'),
    suspended: spec.suspend,
    driver: spec.driver,
    connection: spec.connection,
    limits: spec.limits,
    intervalSeconds: spec.intervalSeconds,
    requestedAt: metadata.annotations?.['berth/requested-at'] ?? '',
  };
}
