const SENTENCES: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `there is no folder for ${path}: make it, or name another file`,
  ENOTDIR: (path) => `a part of ${path} is no folder: name another file`,
  EISDIR: (path) => `${path} is a folder: name a file`,
  EACCES: (path) => `you may not write ${path}: name another file, or change its rights`,
  EPERM: (path) => `you may not write ${path}: name another file, or change its rights`,
  EROFS: (path) => `${path} is on a disk that is read-only: name another file`,
  ENOSPC: () => 'the disk is full: nothing was kept of the file',
  EDQUOT: () => 'the disk quota is used up: nothing was kept of the file',
  ENAMETOOLONG: (path) => `the name ${path} is too long`,
  EMFILE: () => 'too many files are open: raise the limit (ulimit -n)',
};

/** One sentence: why a file cannot be written, and what to do. Undefined for any other error. */
export function fileFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const path =
    'path' in error && typeof error.path === 'string' ? error.path.replace(/\.part$/, '') : 'the file';
  return Object.hasOwn(SENTENCES, error.code) ? SENTENCES[error.code]?.(path) : undefined;
}
