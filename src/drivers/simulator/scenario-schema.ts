/** The shape of a scenario file, as a JSON Schema; what the parts mean stands at the types in `scenario.ts`. */
const text = { type: 'string', minLength: 1, maxLength: 200 };
const whole = { type: 'integer', minimum: 0, maximum: 1_000_000_000 };
const positive = { ...whole, minimum: 1 };
const number = { type: 'number', minimum: 0, maximum: 1_000_000_000 };
const percent = { type: 'number', minimum: 0, maximum: 100 };
const flag = { type: 'boolean' };
const texts = { type: 'array', items: text, maxItems: 1000 };
const hex4 = { type: 'string', pattern: '^[0-9a-f]{4}$', description: 'Four hexadecimal digits; quote it.' };
const bdf = {
  type: 'string',
  pattern: '^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]$',
  description: 'A PCI address such as 0000:3b:00.0, in lower case; quote it.',
};
const mac = {
  type: ['string', 'null'],
  pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){5}$',
  description: 'Six pairs of hexadecimal digits in lower case, with colons; quote it.',
};

function list(items: object): object {
  return { type: 'array', items, maxItems: 100_000 };
}

function mapOf(value: object, names: object = { maxLength: 200 }): object {
  return { type: 'object', additionalProperties: value, propertyNames: names };
}

function record(required: readonly string[], properties: Readonly<Record<string, object>>): object {
  return { type: 'object', additionalProperties: false, required, properties };
}

const cell = record(['cpus', 'memoryMiB'], {
  cpus: positive,
  isolatedCpus: whole,
  memoryMiB: positive,
  hugepages: mapOf(whole, { pattern: '^[1-9][0-9]*$' }),
});

const nic = record(['netdev', 'bdf'], {
  netdev: text,
  bdf: {
    ...bdf,
    pattern: '^[0-9a-f]{4}:[0-9a-f]{2}:00\\.[01]$',
    description: 'Address of the port: device 00, function 0 or 1.',
  },
  speedMbps: positive,
  vfs: { ...whole, maximum: 120 },
  totalVfs: { ...whole, maximum: 256 },
  vendor: hex4,
  device: hex4,
  vfDevice: hex4,
  driver: text,
  vfDriver: text,
  numaNode: whole,
  mode: { enum: ['legacy', 'switchdev'] },
  linkState: { enum: ['up', 'down'] },
  liveMigratable: flag,
  vfsPerGroup: positive,
  switch: text,
  switchPort: text,
});

const device = record(['bdf', 'vendor', 'device'], {
  bdf,
  vendor: hex4,
  device: hex4,
  category: { enum: ['network', 'gpu', 'nvme', 'fpga', 'accelerator', 'other'] },
  driver: text,
  numaNode: whole,
  liveMigratable: flag,
  group: text,
});

const template = {
  cpuModel: text,
  cpuFeatures: texts,
  machineTypes: texts,
  ptp: flag,
  migrationMibps: positive,
  cells: { ...list(cell), minItems: 1 },
  nics: list(nic),
  devices: list(device),
  latencyMs: mapOf(number),
  switch: text,
};

const load = {
  if: { type: 'number' },
  then: percent,
  else: record([], {
    cpuPercent: percent,
    generator: record(['meanPercent'], {
      meanPercent: percent,
      amplitudePercent: percent,
      periodSeconds: positive,
      noisePercent: percent,
      seed: whole,
    }),
    inline: { ...list(percent), minItems: 1 },
    trace: text,
    row: { type: ['string', 'integer'] },
    periodSeconds: positive,
    memoryPercent: percent,
    networkMbps: number,
  }),
};

const assignment = record(['bdf'], {
  bdf,
  mac,
  guestAddress: bdf,
  profile: text,
  vlan: { type: 'integer', minimum: 1, maximum: 4094 },
  trust: flag,
});

const machine = record(['name', 'host'], {
  name: text,
  host: text,
  vcpus: positive,
  memoryMiB: positive,
  hugepageSizeKiB: whole,
  numaNode: whole,
  isolatedCpus: flag,
  dirtyMibps: number,
  diskGiB: whole,
  sharedDisks: flag,
  standby: flag,
  answersUnplug: flag,
  devices: mapOf(assignment),
  load,
});

export const SCENARIO_SCHEMA = record(['hosts'], {
  startsAt: { type: 'string', format: 'date-time', examples: ['2026-01-05T08:00:00Z'] },
  historySeconds: whole,
  templates: mapOf(record([], template)),
  hosts: { ...list(record(['name'], { ...template, name: text, template: text })), minItems: 1 },
  machines: list(machine),
  loads: mapOf(load),
  durationsMs: mapOf(number),
});
