import { expect, it, describe } from 'vitest';
import { formatProblem } from '../../src/report/problem.js';
import { document, machine, problemsOf } from './tree.js';

/** One mistake: its file, and the whole message that a person sees. */
interface Mistake {
  readonly reason: string;
  readonly files: Readonly<Record<string, string>>;
  readonly told: string;
}

const MISTAKES: readonly Mistake[] = [
  {
    reason: 'a wrong key',
    files: { 'vm.yaml': document('VirtualMachine', 'vm-1', '  vcpu: 4\n  memoryMiB: 8192') },
    told: `
vm.yaml:6:3: error: unknown field "vcpu" (UnknownField)
     6 |   vcpu: 4
       |   ^
  hint: did you mean "vcpus"?`,
  },
  {
    reason: 'a wrong unit',
    files: { 'vm.yaml': document('VirtualMachine', 'vm-1', '  vcpus: 4\n  memoryMiB: 8GiB') },
    told: `
vm.yaml:7:14: error: "memoryMiB" takes a number, not "8GiB" (WrongUnit)
     7 |   memoryMiB: 8GiB
       |              ^
  hint: write 8192`,
  },
  {
    reason: 'an unknown class',
    files: { 'vm.yaml': machine('vm-1', '  devices:\n    - name: fronthaul\n      class: fronthaul-fv') },
    told: `
vm.yaml:10:14: error: there is no DeviceClass "fronthaul-fv" (UnknownReference)
    10 |       class: fronthaul-fv
       |              ^
  hint: did you mean "fronthaul-vf"?`,
  },
  {
    reason: 'a duplicate name',
    files: { 'a.yaml': machine('vm-1'), 'b.yaml': machine('vm-1') },
    told: `
b.yaml:4:9: error: there are two documents VirtualMachine "vm-1" (DuplicateName)
     4 |   name: vm-1
       |         ^
  a.yaml:4:9: the other one
     4 |   name: vm-1
       |         ^
  hint: rename or remove one of them`,
  },
  {
    reason: 'tab indentation',
    files: { 'vm.yaml': 'apiVersion: berth/v1alpha1\nkind: VirtualMachine\nmetadata:\n\tname: vm-1\n' },
    told: `
vm.yaml:4:1: error: a tab in the indentation (TabIndentation)
     4 |  name: vm-1
       | ^
  hint: indent with spaces; YAML does not allow tabs`,
  },
  {
    reason: 'a bad MAC',
    files: { 'vm.yaml': machine('vm-1', '  devices:\n    - {name: n, class: fronthaul-vf, mac: "01:00:5e:00:00:01"}') },
    told: `
vm.yaml:9:43: error: 01:00:5e:00:00:01 is a group address: no device can have it (BadMac)
     9 |     - {name: n, class: fronthaul-vf, mac: "01:00:5e:00:00:01"}
       |                                           ^
  hint: the first pair must be even, such as 52`,
  },
  {
    reason: 'a low threshold that is not below the high one',
    files: {
      'load.yaml': document(
        'LoadPolicy',
        'balance',
        '  thresholds:\n    - metric: cpu\n      high: 0.6\n      low: 0.8',
      ),
    },
    told: `
load.yaml:9:12: error: low 0.8 of "cpu" must be less than high 0.6 (ThresholdOrder)
     9 |       low: 0.8
       |            ^
  load.yaml:8:13: the high threshold
     8 |       high: 0.6
       |             ^
  hint: a host that is not below low takes nothing, one above high gives: leave room between them`,
  },
  {
    reason: 'a pin to an unknown host',
    files: { 'vm.yaml': machine('vm-1', '  host: host-aa') },
    told: `
vm.yaml:8:9: error: there is no Host "host-aa" (UnknownReference)
     8 |   host: host-aa
       |         ^
  hint: did you mean "host-a"?`,
  },
  {
    reason: 'two machines with one MAC',
    files: {
      'a.yaml': machine('vm-1', '  devices: [{name: n, class: fronthaul-vf, mac: 52:54:00:00:00:0a}]'),
      'b.yaml': machine('vm-2', '  devices: [{name: n, class: fronthaul-vf, mac: 52:54:00:00:00:0A}]'),
    },
    told: `
b.yaml:8:49: error: vm-1 and vm-2 both have the MAC address 52:54:00:00:00:0a (DuplicateMac)
     8 |   devices: [{name: n, class: fronthaul-vf, mac: 52:54:00:00:00:0A}]
       |                                                 ^
  a.yaml:8:49: vm-1 has it here
     8 |   devices: [{name: n, class: fronthaul-vf, mac: 52:54:00:00:00:0a}]
       |                                                 ^
  hint: give one of them an address of its own`,
  },
  {
    reason: 'a machine that is larger than any host',
    files: { 'vm.yaml': document('VirtualMachine', 'vm-1', '  vcpus: 4\n  memoryMiB: 262144') },
    told: `
vm.yaml:7:14: error: vm-1 needs 262144 MiB of memory; the host host-a, the best of those it may be on, has 131072 (less what is reserved) (MachineTooLarge)
     7 |   memoryMiB: 262144
       |              ^
  hosts/host-a.yaml:8:33: host-a says what it has here
     8 |   expect: {cpus: 64, memoryMiB: 131072}
       |                                 ^
  hint: memory is handed out once: make the machine smaller, or let it be on a larger host`,
  },
];

describe('ten typical mistakes are told with place, line and what to do', () => {
  it.each(MISTAKES)('$reason', async ({ files, told }) => {
    const problems = await problemsOf(files);
    expect(problems.map((each) => formatProblem(each)).join('\n')).toBe(told.trimStart());
  });
});
