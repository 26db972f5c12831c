import type { DesiredHost, Host } from '../model/index.js';
import { finding } from './conditions.js';
import type { Finding } from './conditions.js';

/** The conditions of one host: whether machines may come, and whether it answers. */
export function hostFindings(written: DesiredHost, host: Host | undefined): readonly Finding[] {
  const healthy =
    host === undefined
      ? finding('Healthy', 'Unknown', 'NotObserved', 'the hypervisors do not know it')
      : host.state === 'up'
        ? finding('Healthy', 'True', 'Succeeded')
        : finding('Healthy', host.state === 'down' ? 'False' : 'Unknown', 'HostUnreachable', `it is ${host.state}`);
  if (written.maintenance === 'none') return [{ ...healthy, type: 'Ready' }, healthy];
  return [finding('Ready', 'False', 'Maintenance', written.maintenance), healthy];
}
