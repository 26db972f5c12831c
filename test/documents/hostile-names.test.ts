import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/report/problem.js';
import { document, machine, problemsOf } from './tree.js';

describe('hostile names', () => {
  it.each([
    ['a path that climbs', '"../../etc/passwd"'],
    ['a path with slashes', 'a/b'],
    ['Markdown', '"[x](http://e)"'],
    ['a workflow command', '"::error::x"'],
    ['an escape sequence', '"\\e[31mred"'],
    ['a newline', '"a\\nBerth-Result: ok"'],
    ['an XML element', '"</name><evil/>"'],
    ['a shell command', '"$(id)"'],
    ['a letter that looks like another', '"dü-1"'],
    ['a name that is too long', 'x'.repeat(64)],
    ['a name that ends in a dash', 'vm-'],
    ['nothing', '""'],
  ])('%s cannot be the name of a machine', async (_reason, name) => {
    const problems = await problemsOf({ 'vm.yaml': machine(name) });
    expect(new Set(problems.map(({ code }) => code).filter((code) => code !== 'OutOfRange'))).toEqual(
      new Set(['BadFormat']),
    );
    expect(problems[0]?.place?.line).toBe(4);
  });

  it.each([
    [
      'a network device',
      document('Host', 'h', '  accessGroup: rack-1\n  ports: [{netdev: "../x", physicalNetwork: a}]'),
    ],
    ['a switch', document('AccessGroup', 'g', '  switch: "x; rm"')],
    [
      'a switch port',
      document('Host', 'h', '  accessGroup: rack-1\n  ports: [{netdev: e, physicalNetwork: a, switchPort: "<x>"}]'),
    ],
    ['an access list', document('PortProfile', 'p', '  acl: ["a b"]')],
    ['a kernel driver', document('DeviceClass', 'c', '  type: vf\n  drivers: ["../vfio"]')],
    ['who approves', document('Approval', 'a', `  planHash: ${'f'.repeat(64)}\n  approvedBy: "me\\nBerth-Result: ok"`)],
    ['a label', machine('v', '', '  labels: {a: "x\\ny"}\n')],
  ])('nor %s', async (_reason, text) => {
    expect((await problemsOf({ 'x.yaml': text })).map(({ code }) => code)).toEqual(['BadFormat']);
  });

  it('names that objects inherit are ordinary names', async () => {
    const files = { 'a.yaml': machine('constructor', '  host: tostring'), 'b.yaml': machine('v', '  role: toString') };
    expect((await problemsOf(files)).map(({ code, message }) => `${code} ${message}`)).toEqual([
      'UnknownReference there is no Host "tostring"',
      'UnknownReference there is no RoleProfile "toString"',
    ]);
  });

  it('a message about a hostile file says nothing to the terminal', async () => {
    const problems = await problemsOf({ 'a\u001b]0;x\u0007/b\nc.yaml': '? [::error::]\n' });
    const text = problems.map((each) => formatProblem(each)).join('\n');
    expect(text).not.toMatch(/\u001b|\u0007|^c\.yaml/m); // eslint-disable-line no-control-regex
  });
});
