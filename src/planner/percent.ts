/** A ratio for people: `0.8` is `80 %`. */
export function percent(ratio: number): string {
  return `${Math.round(ratio * 1000) / 10} %`;
}
