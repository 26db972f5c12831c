// `npm run lab:sriov [-- --hosts 3]`: builds what is missing, starts nested hosts with SR-IOV NICs, plays the scenario, prints its table.
import { lacking } from '../requirements.js';
import { prepareSriovLab } from '../../setup/sriov.js';
import { Bench } from './bench.js';
import type { SriovHost } from './host.js';
import { buildImage, keptImage, type HostImage } from './image.js';
import { openSriovLab } from './lab.js';
import { Report, table } from './report.js';
import { play } from './scenario.js';

const LEAST_HOSTS = 2;
/** Runs of the scenario until one in which no emulated host ends by itself. */
const MOST_ATTEMPTS = 4;

async function main(argv: readonly string[]): Promise<number> {
  const place = argv.indexOf('--hosts');
  const hosts = place < 0 ? LEAST_HOSTS : Number(argv[place + 1]);
  if (!(hosts >= LEAST_HOSTS && hosts <= 4)) {
    console.error('usage: npm run lab:sriov [-- --hosts 2|3|4]');
    return 2;
  }
  prepareSriovLab();
  const reason = lacking(['nested hosts']);
  if (reason !== undefined) {
    console.log(`not run: ${reason}`);
    return 1;
  }
  const began = performance.now();
  const preparation = new Report(tell);
  if ((await keptImage()) === null)
    await preparation.step('the image is built', async () => {
      await buildImage();
      return { detail: 'from Debian packages; kept for the next time' };
    });
  const image = await keptImage();
  if (image === null) return 1;
  const { rows, failed } = await repeated(hosts, image);
  const { user, system } = process.cpuUsage();
  const minutes = (performance.now() - began) / 60_000;
  console.log(
    `\n${table([...preparation.rows, ...rows])}\n\n${minutes.toFixed(1)} minutes in all; ${((user + system) / 1e6).toFixed(0)} s of this process's own CPU`,
  );
  return failed ? 1 : 0;
}

/** The run of a scenario in which no host ended by itself, or the last one: that an emulated host's kernel panics says nothing about Berth. */
async function repeated(hosts: number, image: HostImage): Promise<Report> {
  for (let attempt = 1; ; attempt++) {
    const { report, collapse } = await once(hosts, image);
    if (collapse === null || attempt === MOST_ATTEMPTS) return report;
    console.log(`${collapse}: attempt ${attempt} of at most ${MOST_ATTEMPTS} does not count, all begins anew`);
  }
}

async function once(hosts: number, image: HostImage): Promise<{ report: Report; collapse: string | null }> {
  let lab: Awaited<ReturnType<typeof openSriovLab>> | undefined;
  const beginning = new Report(tell);
  await beginning.step(`${hosts} nested hosts start`, async () => {
    lab = await openSriovLab({ hosts, image });
    return { detail: 'until libvirt answers on each' };
  });
  if (lab === undefined) return { report: beginning, collapse: null };
  const open = lab;
  const bench = new Bench(open);
  const watch = watchCollapse(open.hosts);
  const report = new Report(tell, watch.ended, beginning.rows);
  try {
    await play(bench, report);
    return { report, collapse: await watch.stop() };
  } finally {
    await watch.stop();
    await bench.close();
    const end = new Report(tell, undefined, report.rows);
    await end.step('torn down', async () => {
      await open.close();
      return { detail: '' };
    });
  }
}

const LOOK_MS = 3000;

/** `ended` rejects when a host's kernel has ended by itself; `stop` answers with how. */
function watchCollapse(hosts: readonly SriovHost[]): { ended: Promise<never>; stop: () => Promise<string | null> } {
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<string | null> => {
    for (const host of hosts) {
      const collapse = await host.collapse();
      if (collapse !== null) return `${host.name} itself has ended: ${collapse}`;
    }
    return null;
  };
  const ended = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      void look().then((collapse) => {
        if (collapse !== null) reject(new Error(collapse));
      });
    }, LOOK_MS);
  });
  ended.catch(() => undefined);
  return {
    ended,
    stop: () => {
      clearInterval(timer);
      return look();
    },
  };
}

function tell(line: string): void {
  console.log(line);
}

process.exitCode = await main(process.argv.slice(2));
