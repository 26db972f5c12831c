/**
 * Pseudo-random numbers from a seed: sfc32, a small chaotic generator of 128 bits of state (C. Doty-Humphrey, PractRand). The same seed
 * gives the same numbers on every machine.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number) {
    this.a = seed | 0;
    this.b = Math.floor(seed / 4294967296) | 0;
    this.c = 0x9e3779b9 | 0;
    for (let i = 0; i < 15; i++) this.bits();
  }

  /** 32 bits, as a signed integer. */
  bits(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    this.c |= 0;
    return sum;
  }

  /** In [0, 1). */
  fraction(): number {
    return (this.bits() >>> 0) * 2.3283064365386963e-10;
  }

  /** A whole number in [0, count); `count` at least 1. */
  below(count: number): number {
    return ((this.bits() >>> 0) * 2.3283064365386963e-10 * count) | 0;
  }
}
