import { homedir } from 'node:os';
import { join } from 'node:path';

/** What labs build once and use again is kept here, outside of the repository; it can be removed at any time. */
export const cacheFolder = process.env['BERTH_LAB_CACHE'] ?? join(homedir(), '.cache', 'berth-lab');
