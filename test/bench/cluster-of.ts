import { packCluster, type Packed } from './formats/hbal.js';
import { readCluster } from './formats/hbal-text.js';

/** A cluster of one group, by hbal's lines of nodes and instances, and of tags where there are any. */
export function clusterOf(nodes: string, instances: string, tags = ''): Packed {
  const text = ['g|u|preferred||', nodes, instances, tags].map((part) => part.trim()).join('\n\n');
  return packCluster(readCluster('c.data', `${text}\n`), null);
}
