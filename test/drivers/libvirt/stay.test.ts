import { describe, expect, it } from 'vitest';
import type { ActiveMachine } from '../../../src/drivers/libvirt/refusals.js';
import type { LibvirtEvent, Notice, NoticeListener } from '../../../src/drivers/libvirt/rpc/index.js';
import { watchStay } from '../../../src/drivers/libvirt/stay.js';
import type { HostLink } from '../../../src/drivers/libvirt/site.js';
import { failed, unknown, type Machine, type Outcome } from '../../../src/model/index.js';

const domain = { name: 'guest', uuid: 'u-1', id: 7 };
const job = { to: 'h2', doneBytes: 1, totalBytes: 2, startedAt: 0 };
const lost = failed('HostUnreachable', 'host h1: client socket is closed');

interface Story {
  /** The guest before it is asked to move, and after it was answered that it did not. */
  readonly before?: Machine['state'];
  readonly after?: Partial<Machine> | null;
  readonly idAfter?: number;
  /** What the source's daemon tells while the guest migrates, and what it tells only when it is asked again. */
  readonly told?: readonly Notice[];
  readonly toldLate?: readonly Notice[];
  readonly refuses?: boolean;
  readonly outcome?: Outcome;
}

/** What a watch says of a migration that failed. */
async function said(story: Story): Promise<Outcome> {
  const listeners = new Set<NoticeListener>();
  const tell = (notices: readonly Notice[] = []): void => {
    for (const notice of notices) for (const listener of listeners) listener(notice);
  };
  const machine = (change: Partial<Machine>, id: number) => ({
    ...{ machine: { name: 'guest', state: 'running', job: null, ...change } as Machine },
    ...({ figures: { domain: { ...domain, id } } } as ActiveMachine),
  });
  const link = {
    name: 'h1',
    calls: {
      subscribe: (kinds: readonly string[], listener: NoticeListener) => {
        expect(kinds).toEqual(['lifecycle']);
        if (story.refuses === true) return Promise.reject(new Error('no events'));
        listeners.add(listener);
        return Promise.resolve(() => void listeners.delete(listener));
      },
    },
    observe: () => {
      tell(story.toldLate);
      if (story.after === null) return Promise.reject(new Error('gone'));
      const now = machine(story.after ?? {}, story.idAfter ?? domain.id);
      return Promise.resolve({ host: { name: 'h1' }, machines: [now.machine], domains: new Map([['guest', now]]) });
    },
  } as unknown as HostLink;
  const watch = await watchStay(link, machine({ state: story.before ?? 'running' }, domain.id));
  tell(story.told);
  const outcome = await watch.proven(story.outcome ?? lost);
  watch.stop();
  expect(listeners.size).toBe(0);
  return outcome;
}

const event = (of: Partial<Extract<LibvirtEvent, { readonly kind: 'lifecycle' }>>): Notice => ({
  ...{ kind: 'lifecycle', domain, event: 'suspended', detail: 'migrated' },
  ...of,
});

describe('a guest whose migration was answered with an error', () => {
  it('has certainly stayed when it ran all the time and runs on', async () => {
    expect(await said({})).toEqual({
      kind: 'failed',
      code: 'HostUnreachable',
      message: 'host h1: client socket is closed; guest never stopped on h1',
      certain: true,
    });
  });

  it('has stayed whatever other guests did, and when it was defined anew', async () => {
    const told = [event({ domain: { ...domain, uuid: 'u-2' } }), event({ event: 'defined', detail: 'updated' })];
    expect(await said({ told })).toHaveProperty('certain', true);
  });

  it.each<{ readonly reason: string; readonly story: Story }>([
    { reason: 'it was stopped for the switch-over', story: { told: [event({})] } },
    { reason: 'a stop is told only afterwards', story: { toldLate: [event({})] } },
    {
      reason: 'it was resumed: then it had stopped',
      story: { told: [event({ event: 'resumed', detail: 'migrated' })] },
    },
    { reason: 'it went over by post-copy', story: { told: [event({ detail: 'postcopy' })] } },
    { reason: 'something happened that has no name', story: { told: [event({ event: 'other', detail: 'other' })] } },
    { reason: 'events may have been missed', story: { told: [{ kind: 'resync' }] } },
    { reason: 'no events are to be had', story: { refuses: true } },
    { reason: 'it was paused: nobody is told of its switch-over', story: { before: 'paused' } },
    { reason: 'it is paused now', story: { after: { state: 'paused' } } },
    { reason: 'it does not run any more', story: { after: { state: 'stopped' } } },
    { reason: 'it still migrates', story: { after: { job } } },
    { reason: 'it was started anew', story: { idAfter: 8 } },
    { reason: 'its source does not answer any more', story: { after: null } },
  ])('may be elsewhere when $reason', async ({ story }) => {
    expect(await said(story)).toEqual(lost);
  });

  it('is left unknown when the outcome is', async () => {
    const silence = unknown('DeadlineExceeded', 'no answer');
    expect(await said({ outcome: silence })).toEqual(silence);
  });
});
