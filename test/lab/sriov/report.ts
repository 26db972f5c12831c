import type { TrafficReport } from '../namespaces/traffic.js';

/** What a step of the scenario came to. */
export interface Row {
  readonly step: string;
  readonly seconds: number;
  /** Of the pings that a third party sent meanwhile. */
  readonly traffic?: TrafficReport;
  readonly detail: string;
  /** Null when the step did what it should. */
  readonly fault: string | null;
}

/** What a step says when it did what it should. */
export interface Told {
  readonly detail: string;
  readonly traffic?: TrafficReport;
}

/** Takes the time of steps. One that fails does not keep the next from being tried. */
export class Report {
  /** `broken` rejects when the lab itself ends: what is under way is given up then. `rows`: steps that came before. */
  constructor(
    private readonly tell: (line: string) => void,
    private readonly broken: Promise<never> = new Promise(() => undefined),
    readonly rows: Row[] = [],
  ) {}

  get failed(): boolean {
    return this.rows.some(({ fault }) => fault !== null);
  }

  /** True when the step did what it should. */
  async step(step: string, work: () => Promise<Told>): Promise<boolean> {
    const began = performance.now();
    const seconds = (): number => (performance.now() - began) / 1000;
    try {
      const told = await Promise.race([this.broken, work()]);
      this.#add({ step, seconds: seconds(), fault: null, ...told });
      return true;
    } catch (error) {
      this.#add({
        step,
        seconds: seconds(),
        detail: '',
        fault: error instanceof Error ? error.message : String(error),
      });
      return false;
    }
  }

  #add(row: Row): void {
    this.rows.push(row);
    this.tell(cells(row).filter(Boolean).join(' · '));
  }
}

/** The table of steps, as Markdown. */
export function table(rows: readonly Row[]): string {
  const head = '| Step | Seconds | Lost packets | Longest silence | |\n| --- | ---: | ---: | ---: | --- |';
  return [head, ...rows.map((row) => `| ${cells(row).join(' | ')} |`)].join('\n');
}

function cells({ step, seconds, traffic, detail, fault }: Row): readonly string[] {
  return [
    step,
    seconds.toFixed(1),
    traffic === undefined ? '' : `${traffic.lost} of ${traffic.sent}`,
    traffic === undefined ? '' : `${(traffic.longestSilenceMs / 1000).toFixed(1)} s`,
    fault === null ? detail : `**failed:** ${fault.replaceAll('\n', ' ').replaceAll('|', '/')}`,
  ];
}

/** Ends a step that did not do what it should. */
export function insist(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
