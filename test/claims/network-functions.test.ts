import { describe, expect, it } from 'vitest';
import { burden, macOf, type ClaimName, type Site } from './site.js';
import { deviceIn, hostsIn, learnedOn, momentAt, tell } from './story.js';

const REAL_TIME = { hugepageSizeKiB: 1_048_576, isolatedCpus: true, numaNode: 0 };
const NEAR_ITS_DEVICE = { numaNode: 0 };

interface Function5G {
  readonly role: string;
  readonly claims: readonly ClaimName[];
  readonly strategy: string;
  readonly hardware?: Readonly<Record<string, unknown>>;
}

/** The function on a busy host of its group; all that is written of it is its role. */
function busy({ role, claims, hardware = {} }: Function5G): Site {
  const name = role.toLowerCase();
  return { machines: [{ name, at: 'edge-1', claims, spec: { role }, hardware }, burden('edge-1', 24)] };
}

async function moves(of: Function5G): Promise<void> {
  const { story, facts, plan } = await tell(busy(of));
  const name = of.role.toLowerCase();
  expect(facts.problems).toEqual([]);
  expect(plan.moves).toMatchObject([{ machine: name, from: 'edge-1', to: 'edge-2', strategy: of.strategy }]);
  expect(hostsIn(momentAt(story.moments, 0), name)).toEqual(['edge-1']);
  expect(hostsIn(story.now(), name)).toEqual(['edge-2']);
  for (const claim of of.claims) {
    expect(deviceIn(story.now(), name, claim)?.host).toBe('edge-2');
    expect(learnedOn(story.now(), macOf(name, claim))).toEqual(['edge-2']);
  }
  expect(await story.loop.atRest([name, 'burden-edge-1'])).toEqual([]);
}

describe('claims 2, 9 and 15', () => {
  it.each<Function5G>([
    { role: 'DU', claims: ['fronthaul', 'midhaul'], strategy: 'vfio-live', hardware: REAL_TIME },
    { role: 'CU', claims: ['midhaul'], strategy: 'vfio-live', hardware: NEAR_ITS_DEVICE },
    { role: 'CU-UP', claims: ['midhaul'], strategy: 'vfio-live', hardware: NEAR_ITS_DEVICE },
    { role: 'CU-CP', claims: ['midhaul'], strategy: 'vfio-live' },
  ])('claims 2, 9 and 15: a machine that runs a unit of the radio network ($role) takes its VFs along', moves);
});

describe('claims 3, 10 and 16', () => {
  const functions = 'AF AMF AMMF AUSF NRF PFCP SMF UDM UDR UPF PCF NSSF NEF CU-CP CU-UP'.split(' ');
  const near = ['UPF', 'CU-UP'];
  it.each(functions)('claims 3, 10 and 16: a machine that runs the network function %s takes its VF along', (role) =>
    moves({
      role,
      claims: ['fronthaul'],
      strategy: 'vfio-live',
      hardware: near.includes(role) ? NEAR_ITS_DEVICE : {},
    }),
  );
});
