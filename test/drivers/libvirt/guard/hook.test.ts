import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardHookScript } from '../../../../src/drivers/libvirt/guard/index.js';

const folder = mkdtempSync(join(tmpdir(), 'berth-guard-'));
const ledger = join(folder, 'ledger');
const log = join(folder, 'log');
const BUSYBOX = '/bin/busybox';

/** Shells with the awk that comes with them. The system's log is a file, but for busybox, whose shell takes its own programs first. */
const shells = [
  { shell: ['/bin/sh'], name: "the system's shell", logged: true },
  ...(existsSync(BUSYBOX) ? [{ shell: [BUSYBOX, 'sh'], name: 'busybox', logged: false }] : []),
];

beforeAll(() =>
  writeFileSync(join(folder, 'logger'), `#!/bin/sh\nshift 3\nprintf '%s\\n' "$*" >>${log}\n`, { mode: 0o755 }),
);
afterAll(() => rmSync(folder, { recursive: true }));

const address = (bdf: string): string => {
  const [domain, bus, rest] = bdf.split(':');
  const [slot, part] = (rest ?? '').split('.');
  return `<address type='pci' domain='0x${domain}' bus='0x${bus}' slot='0x${slot}' function='0x${part}'/>`;
};

/** A domain as libvirt prints it, with this in its metadata and these devices. */
function domain(devices: readonly string[], metadata = ''): string {
  return `<domain type='kvm'>
  <name>vm-1</name>
  <metadata>${metadata}</metadata>
  <devices>
    <disk type='file' device='disk'>
      <source file='/srv/vm-1.img'/>
      <target dev='vda' bus='virtio'/>
      ${address('0000:04:00.0')}
    </disk>
${devices.join('\n')}
    <interface type='bridge'>
      <source bridge='br0'/>
      ${address('0000:05:00.0')}
    </interface>
  </devices>
</domain>
`;
}

const vf = (bdf: string): string => `    <interface type='hostdev' managed='yes'>
      <mac address='52:54:00:00:00:01'/>
      <source>
        ${address(bdf)}
      </source>
      ${address('0000:06:00.0')}
    </interface>`;
const whole = (bdf: string): string => `    <hostdev mode='subsystem' type='pci' managed='no'>
      <driver name='vfio'/>
      <source>
        ${address(bdf)}
      </source>
    </hostdev>`;

interface Case {
  readonly xml: string;
  readonly lines?: string | null;
  readonly name?: string;
  readonly operation?: readonly [string, string];
  readonly strict?: boolean;
}

function runHook({ shell }: (typeof shells)[number], given: Case) {
  const { xml, lines = '', name = 'vm-1', operation = ['prepare', 'begin'], strict = false } = given;
  rmSync(log, { force: true });
  rmSync(ledger, { force: true });
  if (lines !== null) writeFileSync(ledger, lines);
  const script = join(folder, 'hook');
  writeFileSync(script, guardHookScript({ ledger, strict }));
  const [program = '', ...rest] = shell;
  const { status, stdout, stderr } = spawnSync(program, [...rest, script, name, ...operation, '-'], {
    input: xml,
    encoding: 'utf8',
    env: { PATH: `${folder}:/usr/bin:/bin` },
  });
  return { status, stdout, stderr, log: existsSync(log) ? readFileSync(log, 'utf8') : '' };
}

const VF = '0000:3b:02.1';

describe.each(shells)('the guard hook, run by $name', (shell) => {
  it.each([
    { reason: 'prepares a start', operation: ['prepare', 'begin'] as const },
    { reason: 'starts', operation: ['start', 'begin'] as const },
    { reason: 'comes from another host', operation: ['migrate', 'begin'] as const },
  ])('refuses a device that the ledger gives to another domain when a domain $reason', ({ operation }) => {
    const ran = runHook(shell, { xml: domain([vf(VF)]), lines: `${VF} vm-2\n`, operation });
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toBe(`berth guard: device ${VF} is given to vm-2, not to vm-1 (${ledger})\n`);
  });

  it('lets the owner start, the dummy that waits for it as well, and nobody else', () => {
    const lines = `${VF} dummy of vm-1\n${VF} vm-1\n`;
    const status = (name: string) => runHook(shell, { xml: domain([vf(VF)]), lines, name }).status;
    expect(['vm-1', 'dummy of vm-1', 'dummy', 'vm-11', 'of vm-1', ''].map(status)).toEqual([0, 0, 1, 1, 1, 1]);
  });

  it('names each refused device once, and all who may have it', () => {
    const xml = domain([whole('0000:af:00.0'), vf(VF), vf('0000:3b:02.2')]);
    const lines = `0000:af:00.0 a\n0000:af:00.0 b\n${VF} vm-1\n0000:3b:02.2 c\n`;
    const { stderr, status } = runHook(shell, { xml, lines });
    expect(status).toBe(1);
    expect(stderr.match(/device \S+ is given to .*?,/g)).toEqual([
      'device 0000:af:00.0 is given to a or b,',
      'device 0000:3b:02.2 is given to c,',
    ]);
  });

  it('sees the drive that an NVMe disk is, and the function that a network has handed out', () => {
    const nvme = `<disk type='nvme' device='disk'><source type='pci' managed='yes' namespace='1'>${address(VF)}</source></disk>`;
    const pool = `<interface type='network'><source network='sriov'/><actual type='hostdev'><source>${address(VF)}</source></actual></interface>`;
    for (const device of [nvme, pool])
      expect(runHook(shell, { xml: domain([device]), lines: `${VF} vm-2\n` }).status).toBe(1);
  });

  it('takes no guest address, USB or SCSI address for a device of the host', () => {
    const usb = `<hostdev type='usb'><source><vendor id='0x1'/><address bus='1' device='3'/></source></hostdev>`;
    const scsi = `<hostdev type='scsi'><source><adapter name='h0'/><address bus='0' target='0' unit='0'/></source></hostdev>`;
    const lines = '0000:04:00.0 x\n0000:05:00.0 x\n0000:06:00.0 x\n0000:01:03.0 x\n0000:00:00.0 x\n';
    expect(runHook(shell, { xml: domain([vf(VF), usb, scsi]), lines })).toMatchObject({ status: 0, stderr: '' });
  });

  it('lets through what no line names, unless it is strict', () => {
    const given = { xml: domain([vf(VF)]), lines: '0000:3b:02.2 vm-2\n' };
    expect(runHook(shell, given)).toMatchObject({ status: 0, stderr: '', log: '' });
    const strict = runHook(shell, { ...given, strict: true });
    expect(strict.status).toBe(1);
    expect(strict.stderr).toContain(`device ${VF} is given to nobody, so not to vm-1`);
    expect(runHook(shell, { xml: domain([]), lines: '', strict: true }).status).toBe(0);
  });

  it('allows everything without a ledger, strict or not, and says so in the log', () => {
    for (const strict of [false, true]) {
      const ran = runHook(shell, { xml: domain([vf(VF)]), lines: null, strict });
      expect(ran).toMatchObject({ status: 0, stdout: '', stderr: '' });
      if (shell.logged) expect(ran.log).toBe(`there is no ledger ${ledger}: vm-1 is not checked\n`);
    }
  });

  it('reads lines as people write them, and tells how many it could not read', () => {
    const lines = `# by hand\n\n  3B:02.1\t vm-2  \r\n0000:3b:02.2\nnonsense of a line\n0000:3b:02.3 vm-1`;
    const ran = runHook(shell, { xml: domain([vf(VF), vf('0000:3b:02.3')]), lines });
    expect(ran.stderr).toContain(`device ${VF} is given to vm-2, not to vm-1`);
    if (shell.logged) expect(ran.log).toBe(`2 lines of ${ledger} are no entries\n`);
  });

  it.each([
    { reason: 'a comment that is not closed', metadata: '<x:a xmlns:x="u"><![CDATA[<!-- ]]></x:a>' },
    { reason: 'an end of the domain', metadata: '<x:a xmlns:x="u"><![CDATA[</devices></domain>]]></x:a>' },
    { reason: 'a source that is not closed', metadata: '<x:a xmlns:x="u"><![CDATA[<source file=]]></x:a>' },
    {
      reason: 'quotes and signs',
      metadata: '<x:a xmlns:x="u" b="\'&gt;\'">&lt;source&gt; \' " $(id) `id` \\n %s</x:a>',
    },
  ])('finds the device behind $reason in the metadata', ({ metadata }) => {
    const ran = runHook(shell, { xml: domain([vf(VF)], metadata), lines: `${VF} vm-2\n` });
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toContain(VF);
  });

  it('takes names as they are, whatever a shell or awk would make of them', () => {
    const hostile = '$(touch x) `id` \\n "\' ; %s & *';
    const given = { xml: domain([vf(VF)]), lines: `${VF} ${hostile}\n` };
    expect(runHook(shell, { ...given, name: hostile }).status).toBe(0);
    const other = runHook(shell, { ...given, name: 'vm-1' });
    expect(other.stderr).toBe(`berth guard: device ${VF} is given to ${hostile}, not to vm-1 (${ledger})\n`);
    expect(existsSync('x')).toBe(false);
  });

  it('keeps out of everything but the beginnings', () => {
    for (const operation of [
      ['release', 'end'],
      ['stopped', 'end'],
      ['started', 'begin'],
      ['reconnect', 'begin'],
    ] as const)
      expect(runHook(shell, { xml: domain([vf(VF)]), lines: `${VF} vm-2\n`, operation })).toMatchObject({
        status: 0,
        stderr: '',
      });
  });
});
