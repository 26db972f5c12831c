import type { Lab } from '../namespaces/lab.js';

/** What the demo's person has written into the repository. */
export interface Wishes {
  /** Host that shall be empty. */
  readonly drained: string | null;
  readonly machines: readonly { readonly name: string; readonly app: string; readonly memoryMiB: number }[];
}

/** The files of the repository, by path. */
export function documents(lab: Pick<Lab, 'hosts'>, { drained, machines }: Wishes): ReadonlyMap<string, string> {
  const hosts = lab.hosts.map(
    ({ name, uri, peerUri, migrationUri }) => `      ${name}:
        uri: ${uri}
        peerUri: ${peerUri}
        migrationUri: ${migrationUri}
`,
  );
  const cluster = document(
    'Cluster',
    'lab',
    `  driver: libvirt
  connection:
    hosts:
${hosts.join('')}`,
  );
  const described = lab.hosts.map(({ name }) =>
    document('Host', name, `  accessGroup: rack\n${name === drained ? '  maintenance: drain\n' : ''}`),
  );
  const policies = [
    document('AccessGroup', 'rack', '  switch: sw\n'),
    document('MigrationPolicy', 'default', '  forwardSeconds: 0\n  blastRadius: { maxSharePercent: 100 }\n'),
    document('PlacementPolicy', 'web-apart', APART),
  ];
  return new Map([
    ['cluster.yaml', cluster],
    ['hosts.yaml', described.join('---\n')],
    ['policies.yaml', policies.join('---\n')],
    ...machines.map(
      ({ name, app, memoryMiB }) =>
        [
          `machines/${name}.yaml`,
          document('VirtualMachine', name, `  vcpus: 1\n  memoryMiB: ${memoryMiB}\n`, `  labels: { app: ${app} }\n`),
        ] as const,
    ),
  ]);
}

const APART = `  selector:
    matchLabels: { app: web }
  antiAffinity: { topology: host }
`;

function document(kind: string, name: string, spec: string, labels = ''): string {
  return `apiVersion: berth/v1alpha1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${labels}spec:\n${spec}`;
}
