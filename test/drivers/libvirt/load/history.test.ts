import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoadHistory, type Part, type Subject } from '../../../../src/drivers/libvirt/load/history.js';
import { adoptStored, storedHistory } from '../../../../src/drivers/libvirt/load/stored.js';

const HOUR = 3_600_000;
const host: Subject = { kind: 'host', name: 'a' };

function meanOf(history: LoadHistory, from: number, to: number, part: Part = 'cpu', subject: Subject = host) {
  const track = [...history.tracks].find(
    (one) => one.subject.kind === subject.kind && one.subject.name === subject.name,
  );
  return track === undefined ? null : history.mean(track, part, from, to);
}

function filled(): LoadHistory {
  const history = new LoadHistory(HOUR, 30_000);
  for (let at = 0; at < 600_000; at += 5000)
    history.add({ subject: host, part: 'cpu', from: at, to: at + 5000, value: at < 300_000 ? 0.2 : 0.6 });
  return history;
}

describe('the history of a load', () => {
  it('tells means over any stretch of it', () => {
    const history = filled();
    expect(meanOf(history, 0, 300_000)?.value).toBeCloseTo(0.2);
    expect(meanOf(history, 0, 600_000)).toEqual({ value: expect.closeTo(0.4) as number, coveredMs: 600_000 });
    expect(meanOf(history, 270_000, 360_000)?.value).toBeCloseTo((0.2 + 0.6 + 0.6) / 3);
  });

  it('tells for how much of a stretch it knows something, and nothing where it knows nothing', () => {
    const history = filled();
    expect(meanOf(history, 540_000, 840_000)).toEqual({ value: expect.closeTo(0.6) as number, coveredMs: 60_000 });
    expect(meanOf(history, 600_000, 900_000)).toBeNull();
    expect(meanOf(history, 0, 600_000, 'memory')).toBeNull();
  });

  it('weighs readings by their length', () => {
    const history = new LoadHistory(HOUR, 30_000);
    history.add({ subject: host, part: 'cpu', from: 0, to: 20_000, value: 1 });
    history.add({ subject: host, part: 'cpu', from: 20_000, to: 30_000, value: 4 });
    expect(meanOf(history, 0, 30_000)?.value).toBe(2);
  });

  it('takes nothing that is no reading', () => {
    const history = new LoadHistory(HOUR, 30_000);
    history.add({ subject: host, part: 'cpu', from: 10, to: 10, value: 1 });
    history.add({ subject: host, part: 'cpu', from: 20, to: 10, value: 1 });
    history.add({ subject: host, part: 'cpu', from: 0, to: 10, value: NaN });
    expect([...history.tracks].flatMap(({ parts }) => [...parts.values()].map((cells) => cells.size))).toEqual([]);
  });

  it('forgets what is older than it keeps, with its subjects, and keeps more when it is told so', () => {
    const history = new LoadHistory(HOUR, 30_000);
    const vm: Subject = { kind: 'machine', name: 'vm' };
    history.add({ subject: vm, part: 'cpu', from: 0, to: 5000, value: 1 });
    history.setPlace('vm', 'a');
    history.add({ subject: host, part: 'cpu', from: HOUR, to: HOUR + 5000, value: 1 });
    expect(meanOf(history, 0, 30_000, 'cpu', vm)).toBeNull();
    expect([...history.places]).toEqual([]);
    history.keep(2 * HOUR);
    history.add({ subject: host, part: 'cpu', from: 3 * HOUR - 60_000, to: 3 * HOUR, value: 1 });
    expect(meanOf(history, HOUR, HOUR + 30_000)).not.toBeNull();
  });

  it('holds no more than a day of pieces, however much it is told to keep', () => {
    const history = new LoadHistory(HOUR, 30_000);
    history.keep(1e15);
    for (let hour = 0; hour < 100; hour++)
      for (let at = hour * HOUR; at < (hour + 1) * HOUR; at += 30_000)
        history.add({ subject: host, part: 'cpu', from: at, to: at + 30_000, value: 1 });
    const [track] = history.tracks;
    expect(track?.parts.get('cpu')?.size).toBeLessThanOrEqual(2882);
  });

  it('forgets what a wrong clock has put into the future', () => {
    const history = new LoadHistory(HOUR, 30_000);
    history.add({ subject: host, part: 'cpu', from: 1e12, to: 1e12 + 5000, value: 9 });
    history.add({ subject: host, part: 'cpu', from: 0, to: 5000, value: 1 });
    expect(meanOf(history, 0, 2e12)?.value).toBe(1);
  });
});

describe('a history that outlives its process', () => {
  const reborn = (stored: unknown): LoadHistory => {
    const history = new LoadHistory(HOUR, 30_000);
    adoptStored(history, JSON.parse(JSON.stringify(stored)));
    return history;
  };

  it('tells the same as before', () => {
    const history = filled();
    history.setCapacity('a', { cpus: 8, lineMbps: 1000 });
    history.setPlace('vm', 'a');
    const again = reborn(storedHistory(history));
    expect(meanOf(again, 120_000, 480_000)?.value).toBeCloseTo(meanOf(history, 120_000, 480_000)?.value ?? NaN, 6);
    expect([...again.capacities]).toEqual([['a', { cpus: 8, lineMbps: 1000 }]]);
    expect([...again.places]).toEqual([['vm', 'a']]);
  });

  it('counts nothing twice when it is adopted again and again, or by who has measured the same', () => {
    const history = filled();
    const before = meanOf(history, 0, 600_000);
    const stored = JSON.parse(JSON.stringify(storedHistory(history))) as unknown;
    for (let time = 0; time < 3; time++) adoptStored(history, stored);
    expect(meanOf(history, 0, 600_000)).toEqual(before);
  });

  it('fills the gaps of another one', () => {
    const early = new LoadHistory(HOUR, 30_000);
    early.add({ subject: host, part: 'cpu', from: 0, to: 30_000, value: 1 });
    const late = new LoadHistory(HOUR, 30_000);
    late.add({ subject: host, part: 'cpu', from: 30_000, to: 60_000, value: 3 });
    adoptStored(late, storedHistory(early));
    expect(meanOf(late, 0, 60_000)).toEqual({ value: 2, coveredMs: 60_000 });
  });

  it('is not taken from another format, and is none when it is damaged', () => {
    const stored = storedHistory(filled()) as Record<string, unknown>;
    for (const bad of [
      null,
      3,
      [],
      {},
      { ...stored, format: 2 },
      { ...stored, pieceMs: 7 },
      { ...stored, series: 'x' },
    ])
      expect([...reborn(bad).tracks]).toEqual([]);
  });

  it('never throws, and never tells what is no amount, whatever is in the file', () => {
    const cell = fc.tuple(fc.anything(), fc.anything(), fc.anything());
    const row = fc.tuple(fc.constantFrom('host', 'x'), fc.anything(), fc.constantFrom('cpu', 'y'), fc.array(cell));
    const rows = fc.oneof(fc.anything(), fc.array(fc.oneof(fc.anything(), row)));
    fc.assert(
      fc.property(rows, rows, rows, (hosts, places, series) => {
        const history = new LoadHistory(HOUR, 30_000);
        adoptStored(history, { format: 1, pieceMs: 30_000, hosts, places, series });
        return [...history.tracks].every(({ parts }) =>
          [...parts.values()].every((cells) => [...cells.values()].every(({ sum, ms }) => sum >= 0 && ms > 0)),
        );
      }),
    );
  });
});
