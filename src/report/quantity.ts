const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes with a binary unit: `16.0 GiB`. */
export function bytesText(bytes: number): string {
  const unit = unitOf(bytes);
  return `${inUnit(bytes, unit)} ${BYTES[unit] ?? ''}`;
}

/** A part of a number of bytes, in the unit of the whole: `0.4 of 16.0 GiB`. */
export function bytesPartText(part: number, whole: number): string {
  const unit = unitOf(whole);
  return `${inUnit(part, unit)} of ${inUnit(whole, unit)} ${BYTES[unit] ?? ''}`;
}

function unitOf(bytes: number): number {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTES.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit;
}

function inUnit(bytes: number, unit: number): string {
  return unit === 0 ? String(Math.round(bytes)) : (bytes / 1024 ** unit).toFixed(1);
}

/** Seconds as people say them: `45 s`, `2 min 5 s`, `1 h 10 min`. */
export function secondsText(seconds: number): string {
  if (seconds < 10 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 === 0 ? '' : ` ${whole % 60} s`}`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}

/** A downtime: `150 ms`, `3.2 s`. */
export function downtimeText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : secondsText(ms / 1000);
}

/** A ratio as a percentage without decimals: `87 %`. */
export function percentText(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}

/** `1 move`, `2 moves`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** RFC 3339 in UTC, whole seconds: `2026-05-04T10:00:00Z`. */
export function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** The first digits of a commit id or a hash, enough to recognise it. */
export function shortHash(hash: string): string {
  return /^[0-9a-f]{40,64}$/.test(hash) ? hash.slice(0, 12) : hash;
}
