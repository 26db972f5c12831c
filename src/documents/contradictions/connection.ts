import { libvirtSettings } from '../../connection/libvirt-settings.js';
import { problem, type Problem } from '../../model/index.js';
import type { DocumentOf } from '../../model/kinds.generated.js';
import type { Checked } from '../check/check.js';
import type { Catalog } from '../resolve/catalog.js';
import type { Resolved } from '../resolve/resolve.js';

/**
 * How the hosts of a cluster are reached: addresses that cannot be used, and hosts that are written in one place only. A host that cannot be
 * asked might run any machine, which would then be started elsewhere a second time.
 */
export function connectionContradictions({ desired, catalog }: Resolved): readonly Problem[] {
  const cluster = catalog.find('Cluster', desired.cluster.name);
  if (desired.cluster.driver !== 'libvirt' || cluster === undefined) return [];
  const settings = libvirtSettings(desired.cluster, (pointer) => cluster.located.at(pointer));
  return [...(settings.ok ? settings.warnings : settings.problems), ...unequalHosts(cluster, catalog)];
}

const HOSTS = '/spec/connection/hosts';

function unequalHosts(cluster: Checked<DocumentOf<'Cluster'>>, catalog: Catalog): readonly Problem[] {
  const { located, document } = cluster;
  const { hosts: entries } = document.spec.connection;
  // Without any, the missing field is told of.
  if (entries === undefined) return [];
  const { name } = document.metadata;
  const described = catalog.names('Host');
  return [
    ...described
      .filter((host) => !Object.hasOwn(entries, host))
      .map((host) =>
        problem({
          code: 'HostNotConnected',
          message: `nobody says how host ${host} is reached, so what runs there cannot be seen`,
          place: catalog.place('Host', host, '/metadata/name'),
          related: [{ message: 'hosts are written here', place: located.keyAt(HOSTS) }],
          hint: `write it into spec.connection.hosts of cluster ${name}, such as ${host}: { uri: "qemu+tls://${host}/system" }; or remove this document`,
        }),
      ),
    ...Object.keys(entries)
      .filter((host) => !described.includes(host))
      .map((host) =>
        problem({
          code: 'HostWithoutDocument',
          severity: 'warning',
          message: `there is no Host "${host}": it is looked at, and nothing is placed there`,
          place: located.keyAt(`${HOSTS}/${host}`),
          hint: 'write a Host document of that name, or remove this entry',
        }),
      ),
  ];
}
