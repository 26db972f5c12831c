import { describe, expect, it } from 'vitest';
import { openLog } from '../../src/cli/log.js';
import { redact } from '../../src/cli/redact.js';

describe('redaction', () => {
  it.each([
    ['https://bob:hunter2@git.example.com/x.git', 'https://***@git.example.com/x.git', 'credentials in an address'],
    ['https://ghp_abcdef@git.example.com/x.git', 'https://***@git.example.com/x.git', 'a token as user name'],
    ['Authorization: Bearer abc.def.ghi', 'Authorization: ***', 'a header'],
    ['{"password":"hunter2","user":"bob"}', '{"password":"***","user":"bob"}', 'a value in JSON'],
    ['token=abc123&x=1', 'token=***&x=1', 'a value in a query'],
    ['https://git.example.com/team/x.git at 5@7', 'https://git.example.com/team/x.git at 5@7', 'nothing secret'],
  ])('turns %s into %s: %s', (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it('is quick on long hostile text', () => {
    const started = performance.now();
    redact(`${'https://'.repeat(20_000)}${'a'.repeat(200_000)}`);
    redact(`token=${'='.repeat(200_000)}`);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('the log', () => {
  function logged(write: (log: ReturnType<typeof openLog>) => void): Record<string, unknown> {
    const lines: string[] = [];
    write(openLog({ level: 'info', pretty: false, destination: { write: (line) => void lines.push(line) } }));
    return JSON.parse(lines.join('')) as Record<string, unknown>;
  }

  it('writes JSON lines with a named level and an RFC 3339 time', () => {
    const line = logged((log) => log.info({ kind: 'Host', name: 'edge-a1' }, 'seen'));
    expect(line).toMatchObject({ level: 'info', msg: 'seen', kind: 'Host', name: 'edge-a1' });
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(line).not.toHaveProperty('pid');
  });

  it.each([
    { reason: 'in the message', write: 'https://bob:hunter2@h/x', field: {} },
    { reason: 'in a field', write: 'x', field: { url: 'https://bob:hunter2@h/x' } },
    { reason: 'under a telling name', write: 'x', field: { password: 'hunter2' } },
    { reason: 'one level down', write: 'x', field: { request: { headers: { cookie: 'hunter2' } } } },
    { reason: 'in an error', write: 'x', field: { err: new Error('https://bob:hunter2@h/x') } },
    {
      reason: 'in the cause of an error',
      write: 'x',
      field: { err: new Error('x', { cause: new Error('token=hunter2') }) },
    },
  ])('never carries a secret $reason', ({ write, field }) => {
    expect(JSON.stringify(logged((log) => log.info(field, write)))).not.toContain('hunter2');
  });
});
