import type { Command } from 'commander';
import { problem } from '../../model/index.js';
import { GUARD_LEDGER, guardHookScript, ledgerPathFault } from '../compose.js';
import { EXIT } from '../exit.js';
import { Failure } from '../failure.js';
import { addCommonOptions } from '../options.js';
import type { Register } from '../session.js';

interface GuardHookOptions {
  readonly ledger: string;
  readonly strict?: boolean;
}

/** `berth libvirt …`: what is for hosts with libvirt only. */
export function defineLibvirt(program: Command, register: Register): void {
  const libvirt = program
    .command('libvirt')
    .summary('things for hosts with libvirt')
    .description('Things for hosts with libvirt.')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false);
  const guardHook = libvirt
    .command('guard-hook')
    .summary('print a hook script that keeps devices for their owners')
    .description(ABOUT)
    .option('--ledger <path>', 'file that the script reads on the host', GUARD_LEDGER)
    .option('--strict', 'also refuse devices that the ledger gives to nobody')
    .addHelpText('after', MORE);
  register<GuardHookOptions>(addCommonOptions(guardHook), ({ terminal }, { ledger, strict = false }) => {
    const fault = ledgerPathFault(ledger);
    if (fault !== null)
      throw new Failure(EXIT.usage, [
        problem({ code: 'BadPath', message: `--ledger: ${fault}`, hint: `write a path such as ${GUARD_LEDGER}` }),
      ]);
    terminal.out(guardHookScript({ ledger, strict }));
    return EXIT.ok;
  });
}

const ABOUT =
  "Prints a script for libvirt's QEMU hook. It refuses to start a domain, or to take it in from another host, when the domain " +
  "wants a PCI device that the host's ledger gives to another one. It only reads, and needs nothing but a shell and awk.";

const MORE = `
On each host, as root, and once a restart of the daemon (libvirt looks for hooks when it starts):
  mkdir -p /etc/libvirt/hooks/qemu.d
  berth libvirt guard-hook > /etc/libvirt/hooks/qemu.d/berth-guard
  chmod 755 /etc/libvirt/hooks/qemu.d/berth-guard
  systemctl try-restart virtqemud libvirtd

The ledger has a line for each device and each domain that may have it, such as "0000:3b:02.1 upf-1". Berth writes it where
spec.connection names commands for the host; elsewhere it is yours to write. While there is no ledger, everything is
allowed, with a warning in the system's log. Devices that are plugged into a running domain pass by: libvirt has no hook
for them.`;
