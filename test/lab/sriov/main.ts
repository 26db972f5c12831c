// `npm run lab:sriov [-- --hosts 3]`: builds what is missing, starts nested hosts with SR-IOV NICs, plays the scenario, prints its table.
import { lacking } from '../requirements.js';
import { prepareSriovLab } from '../../setup/sriov.js';
import { Bench } from './bench.js';
import { buildImage, keptImage } from './image.js';
import { openSriovLab } from './lab.js';
import { Report } from './report.js';
import { play } from './scenario.js';

const LEAST_HOSTS = 2;

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
  const report = new Report((line) => console.log(line));
  if ((await keptImage()) === null)
    await report.step('the image is built', async () => {
      await buildImage();
      return { detail: 'from Debian packages; kept for the next time' };
    });
  const image = await keptImage();
  if (image === null) return 1;
  let lab: Awaited<ReturnType<typeof openSriovLab>> | undefined;
  await report.step(`${hosts} nested hosts start`, async () => {
    lab = await openSriovLab({ hosts, image });
    return { detail: 'until libvirt answers on each' };
  });
  if (lab !== undefined) {
    const open = lab;
    const bench = new Bench(open);
    try {
      await play(bench, report);
    } finally {
      for (const host of open.hosts) {
        const panic = await host.panic();
        if (panic !== null) console.log(`${host.name} itself has ended, so that nothing after it counts: ${panic}`);
      }
      await bench.close();
      await report.step('torn down', async () => {
        await open.close();
        return { detail: '' };
      });
    }
  }
  const { user, system } = process.cpuUsage();
  const minutes = (performance.now() - began) / 60_000;
  console.log(
    `\n${report.table()}\n\n${minutes.toFixed(1)} minutes in all; ${((user + system) / 1e6).toFixed(0)} s of this process's own CPU`,
  );
  return report.failed ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
