import { describe, expect, it } from 'vitest';
import { libvirtSettings } from '../../src/connection/libvirt-settings.js';
import { defaultPeerUri } from '../../src/connection/peer-uri.js';

const place = { file: 'cluster.yaml', line: 1, column: 1, pointer: '', excerpt: '' };

/** What is taken for the peer URI of a host of which only the URI is written. */
function peerUriOf(uri: string): string | null | undefined {
  const settings = libvirtSettings({ connection: { hosts: { 'host-a': { uri } } } }, () => place);
  if (!settings.ok) throw new Error(settings.problems.map(({ message }) => message).join('; '));
  return settings.value.hosts[0]?.peerUri;
}

describe('the peer URI of a host that names none', () => {
  it.each<{ reason: string; uri: string; peer: string | null }>([
    {
      reason: 'other hosts connect to the same address',
      uri: 'qemu+ssh://berth@host-a:2222/system',
      peer: 'qemu+ssh://berth@host-a:2222/system',
    },
    {
      reason: 'certificates of Berth lie on its own computer',
      uri: 'qemu+tls://host-a/system?pkipath=/home/berth/pki',
      peer: 'qemu+tls://host-a/system',
    },
    {
      reason: 'so do keys and known hosts, however they are written',
      uri: 'qemu+ssh://host-a/system?k%65yfile=/home/berth/id&known_hosts=/home/berth/hosts',
      peer: 'qemu+ssh://host-a/system',
    },
    { reason: 'a socket leads from another host to itself', uri: 'qemu+unix:///system?socket=/run/x', peer: null },
  ])('is the URI without paths of this computer: $reason', ({ uri, peer }) => {
    expect(peerUriOf(uri)).toBe(peer);
  });
});

describe('paths in a peer URI', () => {
  it('are dropped where they are of the computer that connects; what else is written stays as it is', () => {
    const uri = 'qemu+ssh://host-a/system?command=%2Fopt%2Fssh&keyfile=/k&no_verify=0&known_hosts=/h';
    expect(defaultPeerUri(uri)).toBe('qemu+ssh://host-a/system?command=%2Fopt%2Fssh&no_verify=0');
  });
});
