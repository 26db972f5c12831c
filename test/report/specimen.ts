import { hashPlan } from '../../src/model/index.js';
import type { Plan } from '../../src/model/index.js';
import { fixture } from '../planner/fixture.js';
import { handmade } from '../planner/replay/handmade.js';

export const SPECIMEN = fixture({
  hosts: {
    'edge-a1': { group: 'a', cpu: 0.91 },
    'edge-a2': { group: 'a', cpu: 0.3 },
    'edge-b1': { group: 'b', maintenance: 'drain' },
  },
  machines: {
    'du-1': { on: 'edge-a1', claims: { fronthaul: 'vf' } },
    'upf-1': { on: 'edge-a1', claims: { n3: 'vf', n6: 'vf' } },
    'nrf-1': { on: 'edge-b1' },
    'amf-1': {},
  },
});

const base = handmade(SPECIMEN.desired, SPECIMEN.world, [
  { machine: 'upf-1', to: 'edge-a2' },
  { machine: 'amf-1', to: 'edge-a2' },
]);

/** A plan with something in every field. */
export const PLAN: Plan = rehash({
  ...base,
  moves: base.moves.map((move) => ({
    ...move,
    reasoning: {
      gains: [
        { objective: 'overload', gain: 0.11 },
        { objective: 'migration', gain: -0.2 },
      ],
      runnerUp: { host: 'edge-b1', difference: 2.125, objective: 'groupCrossing' },
      without: 'cpu of edge-a1 would be 91 %, above 80 %',
    },
  })),
  waves: (['prepare', 'switch', 'complete'] as const).map((phase) =>
    base.steps.filter((step) => step.phase === phase).map((step) => step.id),
  ),
  causes: [
    { kind: 'load', host: 'edge-a1', metric: 'cpu', value: 0.91, threshold: 0.8, policy: 'default' },
    { kind: 'drain', host: 'edge-b1' },
  ],
  refusals: [
    {
      machine: 'nrf-1',
      reason: 'NoFeasibleHost',
      message: 'no host can take it',
      advice: 'AskOperator',
      candidates: [
        { host: 'edge-a1', constraint: 'load', message: 'cpu would be 95 %' },
        { host: 'edge-a2', constraint: 'anti-affinity', message: 'nrf-2 is there' },
      ],
    },
  ],
  drift: [{ subject: 'VirtualMachine/legacy-1', code: 'UnmanagedMachine', message: 'it is not written in Git' }],
  checks: [
    { name: 'blast-radius', result: 'passed', message: '2 of 50 moves' },
    { name: 'approval', result: 'waiting', message: 'nobody has approved it yet' },
  ],
  projections: {
    before: [
      {
        host: 'edge-a1',
        load: { cpu: 0.91 },
        machines: ['du-1', 'upf-1'],
        freeMemoryMiB: 57_344,
        freeVcpus: 28,
        freeVfs: 1,
      },
    ],
    after: [
      { host: 'edge-a1', load: { cpu: 0.62 }, machines: ['du-1'], freeMemoryMiB: 61_440, freeVcpus: 30, freeVfs: 3 },
    ],
  },
  summary: { moves: 1, deployments: 1, refusals: 1, seconds: 134, bytes: 9 * 1024 ** 3, downtimeMs: 150 },
});

export function rehash(plan: Plan): Plan {
  return { ...plan, planHash: hashPlan(plan) };
}

/** Names by which an attacker would like to speak to whoever reads the output. */
export const EVIL = [
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\u009b2J',
  '::error::owned',
  '\n::error::owned',
  '##[error]owned',
  'a\r\nBerth-Result: Succeeded',
  '\u202egnp.exe',
  '<img src=x onerror=alert(1)>',
  '[click](https://evil.example)',
  '@everyone',
  '`code` | **bold** | <!-- -->',
  '%0A::error::owned',
] as const;

/** The plan as if everything that has a name had this one. */
export function planNamed(name: string): Plan {
  return rehash({
    ...PLAN,
    cluster: name,
    baseRevision: name,
    causes: [{ kind: 'drain', host: name }],
    moves: PLAN.moves.map((move) => ({
      ...{ ...move, machine: name, from: name, to: name, strategyReason: name },
      assignments: move.assignments.map((assignment) => ({ ...assignment, claim: name, from: name, to: name })),
      reasoning: { gains: [], runnerUp: { host: name, difference: 1, objective: 'imbalance' as const }, without: name },
    })),
    refusals: PLAN.refusals.map((refusal) => ({
      ...{ ...refusal, machine: name, message: name },
      candidates: [{ host: name, constraint: name, message: name }],
    })),
    drift: [{ subject: name, code: name, message: name }],
    checks: [{ name: 'approval', result: 'denied', message: name }],
  });
}
