import type { Host, Machine, Result } from '../../model/index.js';
import { problem } from '../../model/index.js';
import { askHost } from './ask-host.js';
import { diskSizes, HostView } from './inventory/index.js';
import type { Finding, HostObservation } from './inventory/index.js';
import { LibvirtClient, parseLibvirtUri } from './rpc/index.js';

/** What one host is and has, looked at once. */
export interface Survey {
  /** Name that the host gives itself. */
  readonly hostname: string;
  /** The same under whatever URI the host is reached; empty when it does not say. */
  readonly uuid: string;
  readonly host: Host;
  readonly machines: readonly SurveyedMachine[];
  readonly findings: readonly Finding[];
}

/** A machine with what its XML says of its devices and disks, whether it runs or not. */
export interface SurveyedMachine {
  readonly machine: Machine;
  readonly devices: readonly {
    readonly claim: string;
    readonly device: string;
    readonly guestAddress: string;
    readonly mac: string | null;
    readonly vlan: number | null;
  }[];
  readonly disks: readonly { readonly name: string; readonly sizeGiB: number; readonly shared: boolean }[];
}

const CONNECT_TIMEOUT_MS = 15_000;

/** Connects to a host, looks at it, and hangs up. `sharedPaths` are folders that other hosts mount too. */
export async function surveyHost(
  text: string,
  now: () => number,
  sharedPaths: readonly string[],
): Promise<Result<Survey>> {
  const uri = parseLibvirtUri(text);
  if (!uri.ok) return refused('BadUri', `${text}: ${uri.reason}`, uri.hint);
  let client: LibvirtClient | null = null;
  try {
    client = await LibvirtClient.open(uri.value, { connectTimeoutMs: CONNECT_TIMEOUT_MS });
    const view = new HostView(askHost(client), { host: 'surveyed', now, resyncMs: Infinity, sharedPaths });
    const [hostname, seen] = await Promise.all([client.getHostname(), view.observe()]);
    return { ok: true, value: surveyOf(hostname, seen), warnings: [] };
  } catch (error) {
    const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
    return refused('HostUnreachable', `${text}: ${error instanceof Error ? error.message : String(error)}`, hint);
  } finally {
    await client?.close();
  }
}

function surveyOf(hostname: string, { uuid, host, machines, domains, findings }: HostObservation): Survey {
  return {
    hostname,
    uuid,
    host,
    findings,
    machines: machines.flatMap((machine): readonly SurveyedMachine[] => {
      const seen = domains.get(machine.name);
      if (seen === undefined) return [];
      return [
        {
          machine,
          devices: seen.domain.devices.map(({ claim, device, guestAddress, mac, vlan }) => {
            return { claim, device, guestAddress, mac, vlan };
          }),
          disks: diskSizes(seen.domain, seen.figures).map(({ target, ...size }) => ({ name: target, ...size })),
        },
      ];
    }),
  };
}

function refused(code: string, message: string, hint: string): Result<Survey> {
  return { ok: false, problems: [problem({ code, message, hint })] };
}
