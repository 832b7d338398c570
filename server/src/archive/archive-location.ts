import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { S3Location } from './s3-archive-store.js';

/** Where archives are stored, as configured by `ARCHIVE_URL`. */
type ArchiveLocation =
  | { readonly kind: 'none' }
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 's3'; readonly target: S3Location };

const REGION_DEFAULT = 'us-east-1';

/**
 * Parses `none`, a path, `file:///path`, or `s3://bucket/prefix?endpoint=https://…&region=…`. Undefined means the folder
 * `archive` in the data directory. Throws for anything else.
 */
export function parseArchiveLocation(text: string | undefined, dataDir: string): ArchiveLocation {
  if (text === undefined) return { kind: 'folder', folder: join(dataDir, 'archive') };
  if (text === 'none') return { kind: 'none' };
  if (text.startsWith('file://')) return { kind: 'folder', folder: fileURLToPath(text) };
  if (!text.includes('://')) return { kind: 'folder', folder: text };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 's3:' || url.hostname === '') {
    throw new Error('ARCHIVE_URL must be none, a folder, or s3://bucket/prefix?endpoint=…&region=…');
  }
  if (url.username !== '' || url.password !== '') {
    throw new Error(
      'ARCHIVE_URL must not hold credentials: give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    );
  }
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !/^https?:\/\//.test(endpoint)) {
    throw new Error('the endpoint in ARCHIVE_URL must begin with http:// or https://');
  }
  const prefix = decodeURIComponent(url.pathname).replaceAll(/^\/+|\/+$/g, '');
  const region = url.searchParams.get('region') ?? REGION_DEFAULT;
  return { kind: 's3', target: { bucket: url.hostname, prefix, endpoint, region } };
}
