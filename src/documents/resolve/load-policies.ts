import type { Approval, DesiredHost, LoadPolicy } from '../../model/index.js';
import type { DocumentOf } from '../../model/kinds.generated.js';
import { placeOf, type Checked } from '../check/check.js';
import { uniqueNames, type Catalog } from './catalog.js';
import { carries } from './selection.js';

export function loadPolicies(catalog: Catalog, hosts: readonly DesiredHost[]): readonly LoadPolicy[] {
  return catalog.all('LoadPolicy').map((checked) => {
    const { metadata, spec } = checked.document;
    const { suspend, hosts: selector, slot, ...settings } = spec;
    checkThresholds(catalog, checked);
    checkSlot(catalog, checked);
    return {
      ...settings,
      name: metadata.name,
      place: placeOf(checked, '/metadata/name'),
      suspended: suspend,
      slot: slot ?? null,
      minimumGain: spec.minimumGain ?? (spec.goal === 'relieve' ? 0.01 : 0.1),
      hosts: selectedHosts(catalog, checked, selector, hosts),
    };
  });
}

function selectedHosts(
  catalog: Catalog,
  checked: Checked<DocumentOf<'LoadPolicy'>>,
  selector: DocumentOf<'LoadPolicy'>['spec']['hosts'],
  hosts: readonly DesiredHost[],
): readonly string[] {
  const { names, accessGroups, matchLabels } = selector ?? {};
  names?.forEach((name, index) => catalog.refer('Host', name, checked, `/spec/hosts/names/${index}`));
  accessGroups?.forEach((name, index) =>
    catalog.refer('AccessGroup', name, checked, `/spec/hosts/accessGroups/${index}`),
  );
  const selected = hosts
    .filter(({ name }) => names === undefined || names.includes(name))
    .filter(({ accessGroup }) => accessGroups === undefined || accessGroups.includes(accessGroup))
    .filter(({ labels }) => carries(labels, matchLabels))
    .map(({ name }) => name);
  if (selected.length === 0) {
    const hint = 'compare the names, groups and labels with those of the hosts';
    catalog.warning('NothingSelected', 'the policy is for no host', hint, placeOf(checked, '/spec/hosts'));
  }
  return selected;
}

function checkThresholds(catalog: Catalog, checked: Checked<DocumentOf<'LoadPolicy'>>): void {
  const { thresholds } = checked.document.spec;
  uniqueNames(catalog, checked, '/spec/thresholds', thresholds.map(({ metric }) => metric), 'metric'); // prettier-ignore
  thresholds.forEach(({ metric, high, low }, index) => {
    if (low < high) return;
    const pointer = `/spec/thresholds/${index}`;
    const message = `low ${low} of "${metric}" must be less than high ${high}`;
    const related = [{ message: 'the high threshold', place: placeOf(checked, `${pointer}/high`) }];
    const hint = 'a host that is not below low takes nothing, one above high gives: leave room between them';
    catalog.problem('ThresholdOrder', message, hint, placeOf(checked, `${pointer}/low`), related);
  });
}

function checkSlot(catalog: Catalog, checked: Checked<DocumentOf<'LoadPolicy'>>): void {
  const { goal, slot } = checked.document.spec;
  slot?.devices.forEach((entry, index) => {
    catalog.refer('DeviceClass', entry.class, checked, `/spec/slot/devices/${index}/class`);
  });
  if (slot === undefined || goal === 'defragment') return;
  const hint = 'write `goal: defragment`, or take the slot away';
  catalog.warning('UnusedSlot', `the goal ${goal} keeps no slot free`, hint, placeOf(checked, '/spec/slot'));
}

export function approvals(catalog: Catalog): readonly Approval[] {
  return catalog.all('Approval').map((checked) => {
    const { metadata, spec } = checked.document;
    return {
      name: metadata.name,
      place: placeOf(checked, '/metadata/name'),
      planHash: spec.planHash.replace(/^sha256:/, ''),
      approvedBy: spec.approvedBy,
      expiresAt: spec.expiresAt === undefined ? null : Date.parse(spec.expiresAt),
    };
  });
}
