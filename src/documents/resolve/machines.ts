import type { DesiredMachine, DeviceClaim, MigrationPolicy, Strategy } from '../../model/index.js';
import type { DocumentOf } from '../../model/kinds.generated.js';
import { placeOf, type Checked } from '../check/check.js';
import { builtInRoles, noRole, roleName, type RoleSpec } from './built-in-roles.js';
import { uniqueNames, type Catalog } from './catalog.js';
import { ALL_STRATEGIES } from './inventory.js';
import type { AllowedBy } from './migration-policies.js';
import { referSite } from './sites.js';

type Spec = DocumentOf<'VirtualMachine'>['spec'];

/** Every machine with the defaults of its role, and the strategies that machine, role and policy all allow. */
export function machines(catalog: Catalog, policyOf: (machine: string) => AllowedBy): readonly DesiredMachine[] {
  return catalog.all('VirtualMachine').map((checked) => machine(catalog, checked, policyOf));
}

function machine(
  catalog: Catalog,
  checked: Checked<DocumentOf<'VirtualMachine'>>,
  policyOf: (machine: string) => AllowedBy,
): DesiredMachine {
  const { metadata, spec } = checked.document;
  const role = roleOf(catalog, checked);
  const allowed = policyOf(metadata.name);
  if (spec.host !== undefined) catalog.refer('Host', spec.host, checked, '/spec/host');
  const hugepageSizeKiB = spec.hugepageSizeKiB ?? role.hugepageSizeKiB;
  wholePages(catalog, checked, hugepageSizeKiB);
  uniqueNames(catalog, checked, '/spec/disks', spec.disks.map(({ name }) => name), 'name'); // prettier-ignore
  return {
    name: metadata.name,
    place: placeOf(checked, '/metadata/name'),
    labels: metadata.labels ?? {},
    suspended: spec.suspend || allowed.policy.suspended,
    role: roleName(spec.role ?? ''),
    vcpus: spec.vcpus,
    memoryMiB: spec.memoryMiB,
    hugepageSizeKiB,
    isolatedCpus: spec.isolatedCpus ?? role.isolatedCpus,
    ptp: spec.ptp ?? role.ptp,
    numaPinned: spec.numaPinned ?? role.numaPinned,
    claims: claims(catalog, checked, role),
    diskGiB: spec.disks.reduce((sum, disk) => sum + disk.sizeGiB, 0),
    sharedDisks: spec.disks.every((disk) => disk.storage === 'shared'),
    host: spec.host ?? null,
    hostPlace: spec.host === undefined ? null : placeOf(checked, '/spec/host'),
    strategies: strategies(catalog, checked, role, allowed),
    maxDowntimeMs: spec.maxDowntimeMs ?? role.maxDowntimeMs,
    latencyBudgets: spec.latencyBudgets.map((budget, index) => {
      referSite(catalog, budget.site, placeOf(checked, `/spec/latencyBudgets/${index}/site`));
      return { ...budget, place: placeOf(checked, `/spec/latencyBudgets/${index}`) };
    }),
    migrationWeight: role.migrationWeight,
    migrationPolicy: allowed.policy.name,
  };
}

function roleOf(catalog: Catalog, checked: Checked<DocumentOf<'VirtualMachine'>>): RoleSpec {
  if (checked.document.spec.role === undefined) return noRole;
  const role = roleName(checked.document.spec.role);
  catalog.refer('RoleProfile', role, checked, '/spec/role', [...builtInRoles.keys()]);
  const profile = catalog.find('RoleProfile', role)?.document.spec ?? builtInRoles.get(role) ?? noRole;
  const names = checked.document.spec.devices.map((device) => device.name);
  for (const wanted of profile.devices.filter((name) => !names.includes(name))) {
    const message = `a machine of the role ${role} usually has a device "${wanted}"`;
    catalog.warning(
      'MissingDevice',
      message,
      'add the claim, or replace the role’s profile',
      placeOf(checked, '/spec/role'),
    );
  }
  return profile;
}

function claims(
  catalog: Catalog,
  checked: Checked<DocumentOf<'VirtualMachine'>>,
  role: RoleSpec,
): readonly DeviceClaim[] {
  const { devices } = checked.document.spec;
  uniqueNames(catalog, checked, '/spec/devices', devices.map(({ name }) => name), 'name'); // prettier-ignore
  return devices.map((device, index) => claim(catalog, checked, device, `/spec/devices/${index}`, role));
}

function claim(
  catalog: Catalog,
  checked: Checked<DocumentOf<'VirtualMachine'>>,
  device: Spec['devices'][number],
  pointer: string,
  role: RoleSpec,
): DeviceClaim {
  catalog.refer('DeviceClass', device.class, checked, `${pointer}/class`);
  if (device.portProfile !== undefined)
    catalog.refer('PortProfile', device.portProfile, checked, `${pointer}/portProfile`);
  const { qos, trust, spoofCheck, minTxMbps, maxTxMbps, linkState } = device;
  if (maxTxMbps > 0 && minTxMbps > maxTxMbps) {
    const message = `minTxMbps ${minTxMbps} is more than maxTxMbps ${maxTxMbps}`;
    catalog.problem('OutOfRange', message, 'lower one, or raise the other', placeOf(checked, `${pointer}/minTxMbps`));
  }
  return {
    name: device.name,
    place: placeOf(checked, `${pointer}/name`),
    class: device.class,
    portProfile: device.portProfile ?? null,
    mac: device.mac?.toLowerCase() ?? null,
    guestAddress: device.guestAddress ?? '',
    attributes: { adminMac: null, vlan: device.vlan ?? null, qos, trust, spoofCheck, minTxMbps, maxTxMbps, linkState },
    numaLocal: device.numaLocal ?? role.numaLocalDevices,
  };
}

function strategies(
  catalog: Catalog,
  checked: Checked<DocumentOf<'VirtualMachine'>>,
  role: RoleSpec,
  { policy, strategies: byPolicy, place }: AllowedBy,
): readonly Strategy[] {
  const { spec } = checked.document;
  const byRole = withWindow(role, policy);
  const left = (spec.strategies ?? byRole).filter((each) => byRole.includes(each) && byPolicy.includes(each));
  if (left.length > 0) return left;
  const own = spec.strategies === undefined ? '' : `the machine allows ${spec.strategies.join(', ')}, `;
  const message = `no strategy is left: ${own}the role ${byRole.join(', ')}, the policy ${byPolicy.join(', ')}`;
  const related = place === null ? [] : [{ message: 'the migration policy', place }];
  const at = placeOf(checked, spec.strategies === undefined ? '/metadata/name' : '/spec/strategies');
  catalog.problem('NoStrategy', message, 'let them have one in common', at, related);
  return ALL_STRATEGIES.slice(-1);
}

function withWindow(role: RoleSpec, policy: MigrationPolicy): readonly Strategy[] {
  if (policy.windows.length === 0) return role.strategies;
  return [...new Set([...role.strategies, ...role.windowStrategies])];
}

function wholePages(catalog: Catalog, checked: Checked<DocumentOf<'VirtualMachine'>>, hugepageSizeKiB: number): void {
  const { memoryMiB } = checked.document.spec;
  const pageMiB = hugepageSizeKiB / 1024;
  if (pageMiB === 0 || memoryMiB % pageMiB === 0) return;
  const message = `memoryMiB ${memoryMiB} is no multiple of the page size, ${pageMiB} MiB`;
  const hint = `write ${Math.ceil(memoryMiB / pageMiB) * pageMiB}`;
  catalog.problem('HugepageMismatch', message, hint, placeOf(checked, '/spec/memoryMiB'));
}
