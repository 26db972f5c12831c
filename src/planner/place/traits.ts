import type { Frame } from '../pack/frame.js';
import type { HostView } from '../view.js';

/** What does not change of each host, host by host: for scores. */
export interface HostTraits {
  /** Hosts of one kind carry moves alike: same rate, same CPU features. */
  readonly kind: Int32Array;
  /** CPUs that can be given out; at least 1, to divide by. */
  readonly cpus: Float64Array;
  /** MiB of all pages; at least 1. */
  readonly memory: Float64Array;
  /** Virtual functions; at least 1. */
  readonly functions: Int32Array;
  /** Numbers of the resources that are memory. */
  readonly memoryResources: readonly number[];
  /** 1: it has a synchronised clock, isolated CPUs, huge pages, devices other than NICs. */
  readonly ptp: Uint8Array;
  readonly isolated: Uint8Array;
  readonly pages: Uint8Array;
  readonly whole: Uint8Array;
}

const traits = new WeakMap<Frame, HostTraits>();

/** The traits of the written hosts of a frame, found once. */
export function hostTraits(frame: Frame): HostTraits {
  const known = traits.get(frame) ?? build(frame);
  traits.set(frame, known);
  return known;
}

function build({ views, resources }: Frame): HostTraits {
  const isMemory = (name: string) => name === 'memory' || name.startsWith('hugepages');
  const amount = ({ capacity }: HostView, name: string) => capacity.get(name) ?? 0;
  const flags = (has: (host: HostView) => boolean) => Uint8Array.from(views, (host) => (has(host) ? 1 : 0));
  const pages = resources.filter((name) => name.startsWith('hugepages'));
  const kinds = views.map(({ observed }) => JSON.stringify([observed?.migrationMibps, observed?.cpuFeatures]));
  const names = [...new Set(kinds)];
  return {
    kind: Int32Array.from(kinds, (kind) => names.indexOf(kind)),
    cpus: Float64Array.from(views, (host) => Math.max(1, amount(host, 'cpus'))),
    memory: Float64Array.from(views, (host) =>
      Math.max(
        1,
        resources.filter(isMemory).reduce((sum, name) => sum + amount(host, name), 0),
      ),
    ),
    functions: Int32Array.from(views, ({ functions }) => Math.max(1, functions.length)),
    memoryResources: resources.flatMap((name, index) => (isMemory(name) ? [index] : [])),
    ptp: flags(({ observed }) => observed?.ptp === true),
    isolated: flags((host) => amount(host, 'isolated-cpus') > 0),
    pages: flags((host) => pages.some((name) => amount(host, name) > 0)),
    whole: flags(({ devices }) => [...devices.values()].some(({ category }) => category !== 'network')),
  };
}
