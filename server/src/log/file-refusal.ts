import type { StoreRefusal } from './store-refusal.js';

const REFUSALS: Readonly<Record<string, StoreRefusal>> = {
  EROFS: 'read_only',
  EACCES: 'no_permission',
  EPERM: 'no_permission',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EIO: 'persistence_failed',
};

/** Why a file system refused to write a file. */
export function fileRefusal(error: unknown): StoreRefusal {
  const { code } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return REFUSALS[code ?? ''] ?? 'other';
}
