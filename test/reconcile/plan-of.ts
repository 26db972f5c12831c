import { type Action, type AttachedDevice, IDLE_VF, type Limits, type Move, type Plan } from '../../src/model/index.js';
import type { Precondition, Step, StepKind, StepPhase, Strategy } from '../../src/model/index.js';

/** A move as a test writes it; the claim is `net`, its profile `fronthaul`. Without `device` the machine has no claim. */
export interface MoveOf {
  readonly machine: string;
  readonly from: string | null;
  readonly to: string;
  readonly strategy?: Strategy;
  readonly device?: { readonly from: string | null; readonly to: string; readonly mac: string };
  /** Ids of steps of other moves that its first steps wait for. */
  readonly after?: readonly string[];
  readonly memoryMiB?: number;
}

export const GUEST_ADDRESS = '0000:05:00.0';
const VLAN = 100;
export const PROFILE = { name: 'fronthaul', vlan: VLAN, trunk: [], acl: [], rateMbps: 0 };
const FORWARD_SECONDS = 5;
const NO_ESTIMATE = { seconds: 1, bytes: 0, downtimeMs: 0 };

/** A plan in the step sequence that the planner makes, written by hand so that the executor is tested on its own. */
export function planOf(moves: readonly MoveOf[], limits: Partial<Limits> = {}, hash = 'plan-1'): Plan {
  const built = moves.map((move, index) => {
    const n = moves.slice(0, index + 1).filter((other) => other.machine === move.machine).length;
    return buildMove(move, `${move.machine}.${n}`);
  });
  const steps = built.flatMap((move) => move.steps);
  return {
    formatVersion: '1.0',
    cluster: 'test',
    baseRevision: 'r1',
    observedFingerprint: 'f1',
    planHash: hash,
    createdAt: 0,
    expiresAt: Number.MAX_SAFE_INTEGER,
    causes: [],
    moves: built.map((move) => move.move),
    steps,
    waves: [],
    limits: { perHost: 2, perGroup: 4, perCluster: 8, ...limits },
    refusals: [],
    drift: [],
    checks: [],
    projections: { before: [], after: [] },
    summary: { moves: moves.length, deployments: 0, refusals: 0, seconds: 0, bytes: 0, downtimeMs: 0 },
  };
}

export const dummyOf = (machine: string): string => `berth-dummy-${machine}-net`;

function buildMove(of: MoveOf, id: string): { readonly move: Move; readonly steps: readonly Step[] } {
  const { machine, from, to, device } = of;
  const strategy = of.strategy ?? (from === null ? 'cold' : 'vfio-live');
  const steps: Step[] = [];
  const add = (kind: StepKind, phase: StepPhase, actions: Action[], undo: Action[], more: Partial<Step> = {}): void => {
    const previous = steps.at(-1);
    steps.push({
      id: `${id}/${kind}${device === undefined || COMMON.includes(kind) ? '' : '/net'}`,
      move: id,
      kind,
      phase,
      subject: `VirtualMachine/${machine}`,
      dependsOn: previous === undefined ? (of.after ?? []) : [previous.id],
      delaySeconds: 0,
      preconditions: [],
      actions,
      undo,
      estimate: NO_ESTIMATE,
      deadlineSeconds: kind === 'migrate' ? 120 : 20,
      ...more,
    });
  };
  const attached = (bdf: string): AttachedDevice => ({
    claim: 'net',
    device: bdf,
    guestAddress: GUEST_ADDRESS,
    mac: device?.mac ?? null,
    vlan: VLAN,
  });
  const target = { machine, claim: 'net', host: to, device: device?.to ?? '' };
  const source = { machine, claim: 'net', host: from ?? '', device: device?.from ?? '' };
  const ledger = (kind: (Action & { port: 'ledger' })['kind'], at = target): Action => ({
    port: 'ledger',
    kind,
    ...at,
    move: id,
  });
  const dummy = { port: 'hypervisor', host: to, dummy: dummyOf(machine) } as const;
  const commission: Action = {
    ...dummy,
    kind: 'commission',
    devices: [target.device],
    mac: temporaryMac(machine),
    reservation: `${to}/${target.device}`,
    machine,
    ttlSeconds: 600,
  };
  const onSource: Precondition[] =
    from === null ? [{ kind: 'machine-inactive', machine }] : [{ kind: 'machine-on', machine, host: from }];
  const free: Precondition = { kind: 'device-free', ...target };
  const reserved: Precondition = { kind: 'reserved', ...target };
  const attributes = { ...IDLE_VF, trust: true, vlan: VLAN };
  const replacements = [{ claim: 'net', host: to, device: target.device }];
  const stage = (list: typeof replacements): Action[] =>
    from === null ? [] : [{ port: 'hypervisor', kind: 'reconfigure', machine, host: from, replacements: list }];
  const definition = (devices: AttachedDevice[]): (Action & { kind: 'start' })['definition'] => ({
    name: machine,
    vcpus: 1,
    memoryMiB: of.memoryMiB ?? 2048,
    hugepageSizeKiB: 0,
    numaNode: null,
    isolatedCpus: false,
    diskGiB: 0,
    sharedDisks: true,
    devices,
  });
  const startOn = (host: string, bdf: string | null | undefined): Action => ({
    port: 'hypervisor',
    kind: 'start',
    machine,
    host,
    definition: definition(bdf ? [attached(bdf)] : []),
  });
  const migrate = (devices: AttachedDevice[]): Action => ({
    port: 'hypervisor',
    kind: 'migrate',
    machine,
    from: from ?? '',
    to,
    strategy: strategy === 'cold' ? 'vfio-live' : strategy,
    devices,
    numaNode: null,
    bandwidthMibps: 0,
    maxDowntimeMs: 300,
    autoConverge: false,
    connections: 1,
  });
  const handOver = (): void => {
    if (device === undefined) return;
    add('hand-over', 'switch', [ledger('hand-over')], [ledger('hand-back')], { preconditions: [reserved] });
    add('decommission', 'switch', [{ ...dummy, kind: 'decommission' }], [commission, ledger('hold')]);
  };

  if (device !== undefined) {
    add('reserve', 'prepare', [ledger('reserve')], [ledger('release')], {
      preconditions: [...onSource, free],
      deadlineSeconds: 20,
    });
    add('commission', 'prepare', [commission, ledger('hold')], [{ ...dummy, kind: 'decommission' }]);
    add(
      'port-profile',
      'prepare',
      [{ port: 'fabric', kind: 'apply-port-profile', ...target, profile: PROFILE }],
      [{ port: 'fabric', kind: 'remove-port-profile', ...target, profile: PROFILE }],
    );
    add(
      'reconfigure',
      'prepare',
      [{ port: 'fabric', kind: 'set-vf', ...target, attributes }, ...stage(replacements)],
      [...stage([]), { port: 'fabric', kind: 'reset-vf', ...target, attributes: IDLE_VF }],
      { preconditions: onSource },
    );
  }
  const bind = device === undefined ? [] : [ledger('bind')];
  const devices = device === undefined ? [] : [attached(device.to)];
  if (from === null || strategy === 'cold') {
    if (from !== null) {
      const stop: Action = { port: 'hypervisor', kind: 'stop', machine, host: from };
      add('stop', 'switch', [stop], [startOn(from, device?.from)], { preconditions: onSource });
    }
    handOver();
    const stopTarget: Action = { port: 'hypervisor', kind: 'stop', machine, host: to };
    add('start', 'switch', [startOn(to, device?.to), ...bind], [stopTarget], {
      preconditions: [{ kind: 'machine-inactive', machine }],
    });
  } else if (strategy === 'hotplug' && device !== undefined) {
    const held = { port: 'hypervisor', machine, host: from, ...attached(source.device) } as const;
    add('detach', 'switch', [{ ...held, kind: 'detach' }], [{ ...held, kind: 'attach' }], { preconditions: onSource });
    add('migrate', 'switch', [migrate([])], [], { preconditions: onSource });
    handOver();
    add('attach', 'complete', [{ ...held, ...attached(target.device), host: to, kind: 'attach' }, ...bind], []);
  } else {
    handOver();
    add('migrate', 'switch', [migrate(devices), ...bind], [], { preconditions: onSource });
  }
  if (device !== undefined) {
    const mac = device.mac;
    const arrived = steps.at(-1)?.id ?? '';
    add(
      'announce',
      'complete',
      [{ port: 'fabric', kind: 'announce', machine, host: to, device: device.to, mac, vlan: VLAN }],
      [],
    );
    if (from !== null) {
      const forward = { port: 'fabric', machine, mac, from, to } as const;
      add('forward', 'complete', [{ ...forward, kind: 'forward', seconds: FORWARD_SECONDS * 2 }], [], {
        dependsOn: [arrived],
      });
      add('unforward', 'complete', [{ ...forward, kind: 'unforward' }], [], {
        dependsOn: [`${id}/announce/net`, `${id}/forward/net`],
        delaySeconds: FORWARD_SECONDS,
      });
      add(
        'remove-port-profile',
        'complete',
        [{ port: 'fabric', kind: 'remove-port-profile', ...source, profile: PROFILE }],
        [],
      );
    }
  }
  if (strategy === 'cold' && from !== null)
    add('undefine', 'complete', [{ port: 'hypervisor', kind: 'undefine', machine, host: from }], []);
  if (device !== undefined && from !== null)
    add(
      'release',
      'complete',
      [{ port: 'fabric', kind: 'reset-vf', ...source, attributes: IDLE_VF }, ledger('release', source)],
      [],
    );
  return {
    move: {
      id,
      machine,
      from,
      to,
      strategy,
      strategyReason: '',
      cause: 0,
      assignments:
        device === undefined
          ? []
          : [
              {
                claim: 'net',
                from: device.from,
                to: device.to,
                mac: device.mac,
                guestAddress: GUEST_ADDRESS,
                group: [device.to],
              },
            ],
      numaNode: null,
      advice: 'Proceed',
      gain: 0,
      bypass: false,
      estimate: NO_ESTIMATE,
    },
    steps,
  };
}

const COMMON: readonly StepKind[] = ['migrate', 'start', 'stop', 'undefine'];

function temporaryMac(machine: string): string {
  const sum = Buffer.from(machine).reduce((total, byte) => (total * 31 + byte) % 0xffff, 7);
  return `02:00:00:00:${(sum >> 8).toString(16).padStart(2, '0')}:${(sum & 255).toString(16).padStart(2, '0')}`;
}
