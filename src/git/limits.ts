/** What Berth accepts from a repository. A source that goes beyond is refused, with the limit named. */
export interface RepositoryLimits {
  /** Largest answer of a server, which holds the pack. */
  readonly packBytes: number;
  /** Largest single object once it is unpacked. */
  readonly objectBytes: number;
  /** Largest document or other file that is read. */
  readonly blobBytes: number;
  /** Entries below the source's folder, whatever their kind. */
  readonly files: number;
  /** Folders inside folders. */
  readonly depth: number;
  /** For one request to a server, answer included. */
  readonly requestMs: number;
}

export const DEFAULT_LIMITS: RepositoryLimits = {
  packBytes: 256 * 1024 * 1024,
  objectBytes: 32 * 1024 * 1024,
  blobBytes: 1024 * 1024,
  files: 100_000,
  depth: 64,
  requestMs: 60_000,
};
