import { describe, expect, it } from 'vitest';
import type { LoadPolicy } from '../../src/model/index.js';
import type { Telemetry } from '../../src/ports/index.js';
import { samplesFor } from '../../src/reconcile/index.js';
import { fixture } from '../planner/fixture.js';

const [base] = fixture({ hosts: { h1: {} } }).desired.loadPolicies;
const policy = (changes: Partial<LoadPolicy>): LoadPolicy => ({ ...(base as LoadPolicy), ...changes });

describe('the load that a pass asks for', () => {
  it('covers every length of window, each as far back as its longest hold', async () => {
    const queries: unknown[] = [];
    const telemetry: Telemetry = {
      samples: (query) => {
        queries.push(query);
        const sample = { subject: { kind: 'host', name: 'h1' }, metric: 'cpu', value: 0.5, at: query.until } as const;
        return Promise.resolve([{ ...sample, windowSeconds: query.windowSeconds }]);
      },
    };
    const policies = [
      policy({ windowSeconds: 60, holdWindows: 2 }),
      policy({ windowSeconds: 300, holdWindows: 3 }),
      policy({ windowSeconds: 60, holdWindows: 5 }),
    ];
    const samples = await samplesFor(policies, telemetry, 1000);
    expect(queries).toEqual([
      { until: 1000, windowSeconds: 60, windows: 5 },
      { until: 1000, windowSeconds: 300, windows: 3 },
    ]);
    expect(samples.map(({ windowSeconds }) => windowSeconds)).toEqual([60, 300]);
  });
});
