import type { ExportFormat } from '@launchlog/shared/log-export';

/** JSON comes first: clients that accept anything get it. */
const OFFERS: readonly (readonly [ExportFormat, string])[] = [
  ['json', 'application/json'],
  ['csv', 'text/csv'],
  ['ndjson', 'application/x-ndjson'],
  ['text', 'text/plain'],
];

/**
 * The format that a client prefers by its `Accept` header. A client that accepts none of them gets JSON, as old clients
 * expect.
 */
export function preferredFormat(accept: string | undefined): ExportFormat {
  let best: { format: ExportFormat; quality: number } = { format: 'json', quality: 0 };
  for (const [format, mediaType] of OFFERS) {
    const quality = qualityOf(mediaType, accept ?? '*/*');
    if (quality > best.quality) best = { format, quality };
  }
  return best.format;
}

/** If several ranges match a type, the most specific one counts. */
function qualityOf(mediaType: string, accept: string): number {
  const [kind = ''] = mediaType.split('/');
  const ranges = [mediaType, `${kind}/*`, '*/*'];
  const offers = accept.split(',').map((range) => range.split(';').map((part) => part.trim().toLowerCase()));
  for (const range of ranges) {
    const offer = offers.find(([name]) => name === range);
    if (offer === undefined) continue;
    const quality = offer.slice(1).find((parameter) => parameter.startsWith('q='));
    return quality === undefined ? 1 : Number(quality.slice(2)) || 0;
  }
  return 0;
}
