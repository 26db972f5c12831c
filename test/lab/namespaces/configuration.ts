/** What a host's libvirtd is told; the texts are those of `libvirtd.conf` and `qemu.conf`. */
export interface HostConfiguration {
  readonly uuid: string;
  readonly address: string;
  readonly tls: boolean;
  /** Folder that every host sees under the same path, with the same content. */
  readonly sharedFolder: string;
  /** Between two questions whether the other end is still there; after four without an answer it is not. */
  readonly keepaliveSeconds?: number;
  /** Lines added at the end. */
  readonly libvirtd?: string;
  readonly qemu?: string;
}

const certificates = '/etc/libvirt/pki';

export function libvirtdConfiguration(host: HostConfiguration): string {
  const tls = [
    'listen_tls = 1',
    `ca_file = "${certificates}/cacert.pem"`,
    `cert_file = "${certificates}/servercert.pem"`,
    `key_file = "${certificates}/serverkey.pem"`,
    'crl_file = ""',
    'auth_tls = "none"',
  ];
  return [
    ...(host.tls ? tls : ['listen_tls = 0']),
    'listen_tcp = 1',
    'listen_addr = "0.0.0.0"',
    'auth_tcp = "none"',
    'auth_unix_rw = "none"',
    'auth_unix_ro = "none"',
    `host_uuid = "${host.uuid}"`,
    `keepalive_interval = ${host.keepaliveSeconds ?? 1}`,
    'keepalive_count = 4',
    'log_outputs = "3:file:/var/log/libvirt/libvirtd.log"',
    host.libvirtd ?? '',
    '',
  ].join('\n');
}

export function qemuConfiguration(host: HostConfiguration): string {
  const tls = [`default_tls_x509_cert_dir = "${certificates}/qemu"`, 'migrate_tls_x509_verify = 1'];
  return [
    'user = "root"',
    'group = "root"',
    'security_driver = "none"',
    'security_default_confined = 0',
    'dynamic_ownership = 0',
    'remember_owner = 0',
    'namespaces = []',
    'cgroup_controllers = []',
    'stdio_handler = "file"',
    `keepalive_interval = ${host.keepaliveSeconds ?? 1}`,
    'keepalive_count = 4',
    `migration_host = "${host.address}"`,
    `shared_filesystems = [ "${host.sharedFolder}" ]`,
    ...(host.tls ? tls : []),
    host.qemu ?? '',
    '',
  ].join('\n');
}
