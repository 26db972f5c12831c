import { parse } from 'yaml';
import { openMoveLog, publishStatus } from '../../src/cli/publish.js';
import type { ClusterState, SimulatedMachine } from '../../src/drivers/simulator/state.js';
import { memoryLedger } from '../../src/ledger/index.js';
import {
  type DeviceRef,
  deviceKey,
  isActive,
  type Plan,
  type Reservation,
  type VfAttributes,
} from '../../src/model/index.js';
import type { Ledger, StatusStore } from '../../src/ports/index.js';
import type { PassFacts } from '../../src/reconcile/index.js';
import { type Loop, openLoopOn, type PassBy } from '../reconcile/loop.js';
import { readConditions } from '../../src/status/index.js';
import { type Fields, filesOf, scenarioOf, type Site, textsOf } from './site.js';

/** What really was at one time: the hardware, and who owned which device by the ledger. */
export interface Moment {
  /** Epoch milliseconds of virtual time. */
  readonly at: number;
  readonly what: string;
  readonly state: Readonly<ClusterState>;
  readonly ledger: readonly Reservation[];
}

/** A site under Berth, watched all the time: at each event, at each change of the ledger, and ten times a second. */
export interface Story {
  readonly loop: Loop;
  readonly moments: readonly Moment[];
  /** One pass, and its status published. */
  pass(by?: PassBy): Promise<PassFacts>;
  /** Commits documents, `Kind/name` → spec. */
  commit(documents: Readonly<Record<string, Fields>>): void;
  /** A document of the status branch. */
  status(path: string): unknown;
  /** Conditions of a machine by type, as they stand on the status branch. */
  conditions(machine: string): Readonly<Record<string, string>>;
  /** What is now. */
  now(): Moment;
}

const TICK_MS = 100;

/** Called at each moment, so that a test can meddle with the hardware then. */
export type OnMoment = (moment: Moment, loop: Loop) => void;

export async function openStory(site: Site, onMoment: OnMoment = () => undefined): Promise<Story> {
  const files = filesOf(site);
  const moments: Moment[] = [];
  const entries = new Map<string, Reservation>();
  const note = (what: string): void => {
    const state = loop.simulator.cluster.look();
    const moment = { at: state.at, what, state: { ...state }, ledger: [...entries.values()] };
    moments.push(moment);
    if (!what.startsWith('operator:')) onMoment(moment, loop);
  };
  const stored = memoryLedger();
  const ledger: Ledger = {
    read: () => stored.read(),
    swap: async (ref, epoch, next) => {
      const swap = await stored.swap(ref, epoch, next);
      if (swap.won) {
        entries.set(deviceKey(ref), next);
        note(`ledger: ${deviceKey(ref)} is ${next.phase} for ${next.machine}/${next.claim}`);
      }
      return swap;
    },
  };
  const loop = openLoopOn({ cluster: 'edge', files, scenario: await scenarioOf(files), ledger, onEvent: note });
  const store = memoryStatus();
  note('start');
  return {
    loop,
    moments,
    pass: async (by = {}) => {
      const log = openMoveLog();
      const over = new AbortController();
      const watching = watch(loop, note, over.signal);
      const facts = await loop.pass({ ...by, onProgress: (event) => log.record(event) });
      over.abort();
      await watching;
      await publishStatus(store, facts, log.results());
      return facts;
    },
    commit: (documents) => {
      loop.repository.commit(textsOf(documents));
    },
    status: (path) => parse(store.text(path)) as unknown,
    conditions: (machine) => {
      const conditions = readConditions(store.text(`clusters/edge/machines/${machine}.yaml`));
      return Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
    },
    now: () => {
      note('look');
      return momentAt(moments, -1);
    },
  };
}

async function watch({ clock }: Loop, note: (what: string) => void, signal: AbortSignal): Promise<void> {
  for (;;) {
    await clock.sleep(TICK_MS, signal);
    if (signal.aborted) return;
    note('tick');
  }
}

/** A status branch in memory. */
export function memoryStatus(): StatusStore & { text(path: string): string } {
  const tree = new Map<string, string>();
  return {
    read: () => Promise.resolve({ revision: null, tree }),
    publish: (publication) => {
      for (const [path, text] of publication.render(tree)) {
        if (text === null) tree.delete(path);
        else tree.set(path, text);
      }
      return Promise.resolve(null);
    },
    log: () => Promise.resolve([]),
    text: (path) => tree.get(path) ?? '',
  };
}

/** A site, and one pass over it. */
export async function tell(
  site: Site,
  onMoment?: OnMoment,
): Promise<{ readonly story: Story; readonly facts: PassFacts; readonly plan: Plan }> {
  const story = await openStory(site, onMoment);
  const facts = await story.pass();
  if (facts.plan === null) throw new Error(`no plan: ${facts.hold?.reason} ${facts.hold?.message}`);
  return { story, facts, plan: facts.plan };
}

export function momentAt(moments: readonly Moment[], index: number): Moment {
  const moment = moments.at(index);
  if (moment === undefined) throw new Error('there is no such moment');
  return moment;
}

/** The first moment of which something is true; fails when there is none. */
export function firstWhen(moments: readonly Moment[], isSo: (moment: Moment) => boolean): Moment {
  const found = moments.find(isSo);
  if (found === undefined) throw new Error('that was never so');
  return found;
}

/** The copies of a machine that run (or pause), wherever they are. */
export function copiesIn({ state }: Moment, name: string): readonly SimulatedMachine[] {
  return state.machines.filter((machine) => machine.name === name && isActive(machine));
}

/** Hosts on which a machine runs. */
export function hostsIn(moment: Moment, name: string): readonly string[] {
  return copiesIn(moment, name).map((copy) => copy.host);
}

/** The device that fills a machine's claim where it runs; null: none does. */
export function deviceIn(moment: Moment, name: string, claim: string): DeviceRef | null {
  for (const copy of copiesIn(moment, name)) {
    const held = copy.assignments.find((assignment) => assignment.claim === claim);
    if (held !== undefined) return { host: copy.host, device: held.device };
  }
  return null;
}

/** What a machine had before the story and has at its end for a claim. */
export function exchange(
  story: Story,
  name: string,
  claim: string,
): { readonly old: DeviceRef; readonly new: DeviceRef } {
  const old = deviceIn(momentAt(story.moments, 0), name, claim);
  const now = deviceIn(story.now(), name, claim);
  if (old === null || now === null) throw new Error(`${name} has no ${claim}`);
  return { old, new: now };
}

/** The dummy that holds a device, by name; null: none does. */
export function dummyOn({ state }: Moment, ref: DeviceRef): string | null {
  return state.dummies.find((dummy) => dummy.host === ref.host && dummy.devices.includes(ref.device))?.name ?? null;
}

export function vfIn({ state }: Moment, ref: DeviceRef): VfAttributes {
  const host = state.hosts.find((candidate) => candidate.name === ref.host);
  const found = host?.devices.find((device) => device.bdf === ref.device)?.function;
  if (found?.kind !== 'vf') throw new Error(`${deviceKey(ref)} is no VF`);
  return found.attributes;
}

/** The ledger's entry of a device. */
export function entryIn({ ledger }: Moment, ref: DeviceRef): Reservation | undefined {
  return ledger.find((entry) => deviceKey(entry) === deviceKey(ref));
}

/** Names of hosts whose port has learned an address. */
export function learnedOn({ state }: Moment, mac: string): readonly string[] {
  return state.ports.filter((port) => port.learned.includes(mac)).map((port) => port.host);
}

/** Names of hosts on whose ports a machine's claim has its profile. */
export function profiledOn({ state }: Moment, machine: string, claim: string): readonly string[] {
  return state.ports
    .filter((port) => port.profiles.some((set) => set.machine === machine && set.claim === claim))
    .map((port) => port.host);
}
