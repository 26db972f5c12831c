import type { DocumentOf } from '../../model/kinds.generated.js';
import type { Checked } from '../check/check.js';
import type { Catalog } from './catalog.js';
import { builtInRoles, roleName } from './built-in-roles.js';

export type MachineSelector = DocumentOf<'PlacementPolicy'>['spec']['selector'];

/** Names of the machines that a selector means; each part that is written must match. */
export function selectedMachines(
  catalog: Catalog,
  selector: MachineSelector,
  from: Checked,
  pointer: string,
): readonly string[] {
  const { matchLabels, names } = selector;
  const roles = selector.roles?.map(roleName);
  names?.forEach((name, index) => catalog.refer('VirtualMachine', name, from, `${pointer}/names/${index}`));
  roles?.forEach((role, index) =>
    catalog.refer('RoleProfile', role, from, `${pointer}/roles/${index}`, [...builtInRoles.keys()]),
  );
  const candidates =
    names === undefined ? catalog.all('VirtualMachine') : names.flatMap((name) => found(catalog, name));
  return candidates
    .filter(({ document }) => roles === undefined || roles.includes(roleName(document.spec.role ?? '')))
    .filter(({ document }) => carries(document.metadata.labels, matchLabels))
    .map(({ document }) => document.metadata.name);
}

/** True when all wanted labels are there with their values. */
export function carries(
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(wanted ?? {}).every(
    ([key, value]) => Object.hasOwn(labels ?? {}, key) && labels?.[key] === value,
  );
}

function found(catalog: Catalog, name: string): readonly Checked<DocumentOf<'VirtualMachine'>>[] {
  const machine = catalog.find('VirtualMachine', name);
  return machine === undefined ? [] : [machine];
}
