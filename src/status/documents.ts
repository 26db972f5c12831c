import { stringify } from 'yaml';
import { deviceKey, isActive, isClaimed } from '../model/index.js';
import type { Condition, Desired, DesiredMachine, Event, World } from '../model/index.js';
import { readConditions, settle } from './conditions.js';
import type { Finding } from './conditions.js';
import { clusterFindings } from './cluster-status.js';
import { encodeWorld } from './observed.js';
import { eventsOf, mergeEvents, readEvents } from './events.js';
import type { StatusFacts } from './facts.js';
import { hostFindings } from './host-status.js';
import { machineFindings } from './machine-status.js';

/** Path → text of everything on the status branch that one cluster's pass writes. */
export type StatusDocuments = ReadonlyMap<string, string>;

/** The folder of a cluster on the status branch. */
export function clusterFolder(cluster: string): string {
  return `clusters/${cluster}`;
}

/** Settles all conditions, once, from the facts of a pass, and writes them as the documents of the status branch. */
export function settleStatus(facts: StatusFacts): StatusDocuments {
  const folder = clusterFolder(facts.cluster);
  const documents = new Map<string, string>([['README.md', README]]);
  const settled = new Map<string, { readonly before: readonly Condition[]; readonly after: readonly Condition[] }>();
  const write = (
    path: string,
    kind: string,
    name: string,
    findings: (before: readonly Condition[]) => readonly Finding[],
    rest: object,
  ): void => {
    const before = readConditions(facts.previous.get(path));
    const after = settle(findings(before), before, facts);
    settled.set(`${kind.replace('Status', '')}/${name}`, { before, after });
    const status = { observedRevision: facts.revision, ...rest, conditions: after };
    documents.set(path, yaml({ apiVersion: 'berth/v1alpha1', kind, metadata: { name }, status }));
  };

  const { desired, world } = facts;
  if (desired !== null && world !== null) {
    for (const host of desired.hosts) {
      const findings = hostFindings(
        host,
        world.hosts.find((entry) => entry.name === host.name),
      );
      write(`${folder}/hosts/${host.name}.yaml`, 'HostStatus', host.name, () => findings, hostFacts(world, host.name));
    }
    for (const machine of desired.machines) {
      const path = `${folder}/machines/${machine.name}.yaml`;
      const findings = (before: readonly Condition[]): readonly Finding[] =>
        machineFindings(facts, world, machine, before);
      write(path, 'VirtualMachineStatus', machine.name, findings, machineFacts(facts, world, machine));
    }
    documents.set(`${folder}/observed.json`, encodeWorld(world));
  }
  const unhealthy = [...settled].filter(([, { after }]) =>
    after.some(({ type, status, reason }) => type === 'Healthy' && status !== 'True' && reason !== 'Suspended'),
  );
  const names = unhealthy.map(([name]) => name);
  write(
    `${folder}/status.yaml`,
    'ClusterStatus',
    facts.cluster,
    () => clusterFindings(facts, names),
    clusterFacts(facts, desired, names),
  );
  if (facts.planTexts !== null) {
    documents.set(`${folder}/plan.json`, facts.planTexts.json);
    documents.set(`${folder}/plan.md`, facts.planTexts.markdown);
  }
  const events = mergeEvents(readEvents(facts.previous.get(`${folder}/events.json`)), [
    ...facts.events,
    ...eventsOf(facts, settled),
  ]);
  documents.set(`${folder}/events.json`, eventsJson(events));
  return documents;
}

function clusterFacts(facts: StatusFacts, desired: Desired | null, unhealthy: readonly string[]): object {
  const plan = facts.plan;
  return {
    // Without moves the hash says nothing, and it would change with every sample of the load.
    planHash: plan === null || plan.moves.length === 0 ? '' : plan.planHash,
    lastHandledRequestedAt: facts.lastHandledRequestedAt,
    summary: {
      hosts: desired?.hosts.length ?? 0,
      machines: desired?.machines.length ?? 0,
      unhealthy: unhealthy.length,
      moves: plan?.summary.moves ?? 0,
      deployments: plan?.summary.deployments ?? 0,
      refusals: plan?.summary.refusals ?? 0,
    },
    problems: facts.problems.map(({ code, message, place, hint }) => ({
      ...{ code, message, hint },
      place: place === null ? '' : `${place.file}:${place.line}:${place.column}`,
    })),
    refusals: (plan?.refusals ?? []).map(({ machine, reason, message, advice }) => ({
      machine,
      reason,
      message,
      advice,
    })),
    drift: plan?.drift ?? [],
  };
}

function machineFacts(facts: StatusFacts, world: World, machine: DesiredMachine): object {
  const copy = world.machines.find((entry) => entry.name === machine.name && isActive(entry));
  const move = facts.plan?.moves.findLast((candidate) => candidate.machine === machine.name);
  return {
    host: copy?.host ?? null,
    assignments: (copy?.assignments ?? []).map(({ claim, device, mac, guestAddress }) => ({
      claim,
      device,
      mac,
      guestAddress,
    })),
    move:
      move === undefined
        ? null
        : {
            ...{ id: move.id, from: move.from, to: move.to, strategy: move.strategy },
            result: facts.moves.find((entry) => entry.move === move.id)?.result ?? 'waiting',
          },
  };
}

function hostFacts(world: World, name: string): object {
  const vfs =
    world.hosts.find((host) => host.name === name)?.devices.filter((device) => device.function.kind === 'vf') ?? [];
  const taken = new Set(world.reservations.filter(isClaimed).map(deviceKey));
  const used = vfs.filter((vf) => taken.has(deviceKey({ host: name, device: vf.bdf }))).length;
  return {
    machines: world.machines
      .filter((machine) => machine.host === name)
      .map((machine) => machine.name)
      .sort(),
    vfs: { used, free: vfs.length - used },
  };
}

function eventsJson(events: readonly Event[]): string {
  return `${JSON.stringify(events, null, 2)}\n`;
}

/** Every text stands on one line, so that what changed can be told line by line. */
function yaml(document: object): string {
  const onOneLine = (_key: unknown, value: unknown): unknown =>
    typeof value === 'string' ? value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim() : value;
  return stringify(document, onOneLine, { lineWidth: 0, aliasDuplicateObjects: false });
}

const TITLE = '# Status of Berth';

const README = `${TITLE}

Written by the reconciler; changes made here by hand are lost.
For each cluster: \`status.yaml\`, a document for each machine and host, the plan, the observed world, and the last events.
`;

/** True for a branch that holds status, or nothing yet; false for one that somebody else writes, such as the documents' own. */
export function isStatusBranch(files: ReadonlyMap<string, string>): boolean {
  const hasStatus = [...files].some(
    ([path, text]) => /^clusters\/[^/]+\/status\.yaml$/.test(path) && text.includes('kind: ClusterStatus'),
  );
  return files.size === 0 || hasStatus || files.get('README.md')?.startsWith(TITLE) === true;
}
