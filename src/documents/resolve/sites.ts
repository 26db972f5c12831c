import type { Place } from '../../model/index.js';
import { suggestion } from '../check/spelling.js';
import type { Catalog } from './catalog.js';

/** Warns of a site that no access group names: most likely it is misspelt, but its latency may be measured all the same. */
export function referSite(catalog: Catalog, site: string, place: Place): void {
  const groups = catalog.all('AccessGroup');
  const sites = [...new Set(groups.flatMap(({ document }) => document.spec.latencies.map((latency) => latency.site)))];
  if (sites.includes(site)) return;
  const hint = suggestion(site, sites, 'write latencies in the AccessGroup documents, or have them measured');
  catalog.warning('UnknownSite', `no access group names the site "${site}"`, hint, place);
}
