/** Takes secrets out of text for people: credentials in URLs, authorization headers, and values beside telling names. */
export function redact(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]{1,512}@/gi, '$1***@')
    .replace(/\b(authorization["']?\s*[:=]\s*["']?|bearer\s+|basic\s+)((bearer|basic)\s+)?[\w.~+/=-]{6,}/gi, '$1***')
    .replace(/\b(password|passwd|secret|token|api[-_]?key)(["']?\s*[:=]\s*["']?)[^\s"',;&]+/gi, '$1$2***');
}
