import type { Cause, Estimate, HostProjection, Move, Plan, Precondition, Reasoning, Refusal, Step } from './plan.js';
import type { Metric } from './load.js';
import { actionShape, strategyShape } from './action-shape.js';
import { OBJECTIVE_NAMES } from './objective.js';
import type { Objective } from './objective.js';
import {
  count,
  dictionary,
  flag,
  list,
  nullable,
  number,
  oneOf,
  optional,
  record,
  text,
  variants,
  wordOf,
} from './shape.js';
import type { Shape } from './shape.js';

export const metricShape: Shape<Metric> = oneOf('cpu', 'memory', 'network', 'cpu-delay', 'vf-packets');

const causeShape: Shape<Cause> = variants<Cause, 'kind'>('kind', {
  load: record({
    kind: oneOf('load'),
    host: text,
    metric: metricShape,
    value: number,
    threshold: number,
    policy: text,
  }),
  balance: record({ kind: oneOf('balance'), metric: metricShape, deviation: number, tolerance: number, policy: text }),
  consolidate: record({ kind: oneOf('consolidate'), host: text, policy: text }),
  defragment: record({ kind: oneOf('defragment'), machine: text, policy: text }),
  drain: record({ kind: oneOf('drain'), host: text }),
  deploy: record({ kind: oneOf('deploy'), machine: text }),
  placement: record({ kind: oneOf('placement'), machine: text, constraint: text, message: text }),
  requested: record({ kind: oneOf('requested'), machine: text, message: text }),
});

const estimateShape: Shape<Estimate> = record({ seconds: number, bytes: number, downtimeMs: number });

const machineOn = { machine: text, host: text };
const deviceOn = { host: text, device: text, machine: text };

const preconditionShape: Shape<Precondition> = variants<Precondition, 'kind'>('kind', {
  'machine-on': record({ kind: oneOf('machine-on'), ...machineOn }),
  'machine-inactive': record({ kind: oneOf('machine-inactive'), machine: text }),
  'host-up': record({ kind: oneOf('host-up'), host: text }),
  'device-free': record({ kind: oneOf('device-free'), ...deviceOn, claim: text }),
  reserved: record({ kind: oneOf('reserved'), ...deviceOn, claim: text }),
  'device-attached': record({ kind: oneOf('device-attached'), ...deviceOn }),
  'device-detached': record({ kind: oneOf('device-detached'), ...deviceOn }),
  'mac-unique': record({ kind: oneOf('mac-unique'), mac: text, machine: text }),
});

const stepShape: Shape<Step> = record<Step>({
  id: text,
  move: text,
  kind: wordOf({
    reserve: true,
    commission: true,
    'port-profile': true,
    reconfigure: true,
    detach: true,
    stop: true,
    'hand-over': true,
    decommission: true,
    migrate: true,
    start: true,
    attach: true,
    announce: true,
    forward: true,
    unforward: true,
    'remove-port-profile': true,
    undefine: true,
    release: true,
  }),
  phase: oneOf('prepare', 'switch', 'complete'),
  subject: text,
  dependsOn: list(text),
  delaySeconds: number,
  preconditions: list(preconditionShape),
  actions: list(actionShape),
  undo: list(actionShape),
  estimate: estimateShape,
  deadlineSeconds: number,
});

const objectiveShape: Shape<Objective> = oneOf(...OBJECTIVE_NAMES);

const reasoningShape: Shape<Reasoning> = record<Reasoning>({
  gains: list(record({ objective: objectiveShape, gain: number })),
  runnerUp: nullable(record({ host: text, difference: number, objective: objectiveShape })),
  alone: optional(text),
  without: text,
});

const moveShape: Shape<Move> = record<Move>({
  id: text,
  machine: text,
  from: nullable(text),
  to: text,
  strategy: strategyShape,
  strategyReason: text,
  cause: count,
  assignments: list(
    record({
      claim: text,
      from: nullable(text),
      to: text,
      mac: nullable(text),
      guestAddress: text,
      group: list(text),
    }),
  ),
  numaNode: nullable(count),
  advice: oneOf('Proceed', 'Reconfigure', 'OtherHost', 'AskOperator'),
  gain: number,
  bypass: flag,
  estimate: estimateShape,
  reasoning: optional(reasoningShape),
});

const refusalShape: Shape<Refusal> = record<Refusal>({
  machine: text,
  reason: wordOf({
    NoFeasibleHost: true,
    NoStrategy: true,
    CyclicSwap: true,
    MachineSuspended: true,
    HostUnreachable: true,
    Cooldown: true,
    GainTooSmall: true,
    BlastRadius: true,
    NoBenefit: true,
    Duplicate: true,
    MissingSamples: true,
    MoveInFlight: true,
  }),
  message: text,
  advice: oneOf('Reconfigure', 'OtherHost', 'AskOperator', 'Wait'),
  candidates: list(record({ host: text, constraint: text, message: text })),
});

const projectionShape: Shape<HostProjection> = record({
  host: text,
  load: dictionary(number),
  machines: list(text),
  freeMemoryMiB: number,
  freeVcpus: number,
  freeVfs: number,
});

/** A plan as it is stored; see {@link Plan}. */
export const planShape: Shape<Plan> = record<Plan>({
  formatVersion: oneOf('1.0'),
  cluster: text,
  baseRevision: text,
  observedFingerprint: text,
  planHash: text,
  createdAt: count,
  expiresAt: count,
  causes: list(causeShape),
  moves: list(moveShape),
  steps: list(stepShape),
  waves: list(list(text)),
  limits: record({ perHost: count, perGroup: count, perCluster: count }),
  refusals: list(refusalShape),
  drift: list(record({ subject: text, code: text, message: text })),
  checks: list(
    record({
      name: wordOf({ 'blast-radius': true, approval: true, window: true, replay: true }),
      result: oneOf('passed', 'denied', 'waiting'),
      message: text,
    }),
  ),
  projections: record({ before: list(projectionShape), after: list(projectionShape) }),
  summary: record({
    moves: count,
    deployments: count,
    refusals: count,
    seconds: number,
    bytes: number,
    downtimeMs: number,
  }),
});
