import type { DisruptionBudget, PlacementRule } from '../../model/index.js';
import type { DocumentOf } from '../../model/kinds.generated.js';
import { placeOf, type Checked } from '../check/check.js';
import { builtInRoles, roleName } from './built-in-roles.js';
import type { Catalog } from './catalog.js';
import { referSite } from './sites.js';
import { selectedMachines } from './selection.js';

/** The rules of all placement policies, and those by which roles keep replicas apart. */
export function placementRules(catalog: Catalog): readonly PlacementRule[] {
  const written = catalog.all('PlacementPolicy').flatMap((checked) => rulesOf(catalog, checked));
  return [...written, ...replicasApart(catalog)];
}

/** How many machines of a policy may move at once. */
export function disruptionBudgets(catalog: Catalog): readonly DisruptionBudget[] {
  return catalog.all('PlacementPolicy').flatMap((checked): readonly DisruptionBudget[] => {
    const { metadata, spec } = checked.document;
    if (spec.disruptionBudget === undefined) return [];
    const machines = selectedMachines(catalog, spec.selector, checked, '/spec/selector');
    const place = checked.located.keyAt('/spec/disruptionBudget');
    return [{ policy: metadata.name, place, machines, maxMoving: spec.disruptionBudget.maxMoving }];
  });
}

function rulesOf(catalog: Catalog, checked: Checked<DocumentOf<'PlacementPolicy'>>): readonly PlacementRule[] {
  const { metadata, spec } = checked.document;
  const { affinity, antiAffinity, spread, pin, ban, latency } = spec;
  const machines = selectedMachines(catalog, spec.selector, checked, '/spec/selector');
  if (machines.length === 0) {
    const hint = 'compare the labels, roles and names with those of the machines';
    catalog.warning('NothingSelected', 'the selector matches no machine', hint, placeOf(checked, '/spec/selector'));
  }
  const common = (part: string) => ({ policy: metadata.name, place: checked.located.keyAt(`/spec/${part}`), machines });
  pin?.hosts.forEach((host, index) => catalog.refer('Host', host, checked, `/spec/pin/hosts/${index}`));
  ban?.hosts.forEach((host, index) => catalog.refer('Host', host, checked, `/spec/ban/hosts/${index}`));
  if (latency !== undefined) referSite(catalog, latency.site, placeOf(checked, '/spec/latency/site'));
  const rules: PlacementRule[] = [];
  if (affinity !== undefined) rules.push({ ...common('affinity'), kind: 'affinity', topology: affinity.topology });
  if (antiAffinity !== undefined) {
    rules.push({ ...common('antiAffinity'), kind: 'anti-affinity', topology: antiAffinity.topology });
  }
  if (spread !== undefined) rules.push({ ...common('spread'), kind: 'spread', ...spread });
  if (pin !== undefined) rules.push({ ...common('pin'), kind: 'pin', hosts: pin.hosts });
  if (ban !== undefined) rules.push({ ...common('ban'), kind: 'ban', hosts: ban.hosts });
  if (latency !== undefined) rules.push({ ...common('latency'), kind: 'latency', ...latency });
  return rules;
}

/** Machines of one role that share the value of the label `app` are replicas of each other. */
function replicasApart(catalog: Catalog): readonly PlacementRule[] {
  const groups = new Map<string, { role: string; machines: string[]; place: PlacementRule['place'] }>();
  for (const checked of catalog.all('VirtualMachine')) {
    const { metadata, spec } = checked.document;
    const app = metadata.labels?.['app'];
    if (spec.role === undefined || app === undefined) continue;
    const role = roleName(spec.role);
    const key = `${role}/${app}`;
    const place = catalog.place('RoleProfile', role, '/spec/replicasApart') ?? placeOf(checked, '/spec/role');
    const group = groups.get(key) ?? { role, machines: [], place };
    group.machines.push(metadata.name);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ role, machines, place }) => {
    const topology =
      (catalog.find('RoleProfile', role)?.document.spec ?? builtInRoles.get(role))?.replicasApart ?? 'none';
    if (topology === 'none' || machines.length < 2) return [];
    return [{ policy: `role ${role}`, place, machines, kind: 'anti-affinity' as const, topology }];
  });
}
