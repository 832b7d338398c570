import { statfs } from 'node:fs/promises';
import type { DoctorFinding } from '@launchlog/shared/doctor';
import type { DoctorCheck } from './doctor-check.js';

const MB = 1024 * 1024;
const FAIL_BELOW_BYTES = 100 * MB;
const WARN_BELOW_BYTES = 1024 * MB;
const REMEDY = 'Make room there, or name a folder on another disk in DATA_DIR';

/** Checks the free space where this server keeps its files. */
export function diskCheck(folder: string): DoctorCheck {
  return {
    name: 'disk',
    remedy: REMEDY,
    look: async () => {
      const { bavail, bsize } = await statfs(folder);
      return [diskFinding(bavail * bsize)];
    },
  };
}

export function diskFinding(freeBytes: number): DoctorFinding {
  const message = `${Math.floor(freeBytes / MB)} MB are free in DATA_DIR`;
  if (freeBytes < FAIL_BELOW_BYTES) return { check: 'disk', status: 'fail', message, remedy: REMEDY };
  if (freeBytes < WARN_BELOW_BYTES) return { check: 'disk', status: 'warn', message, remedy: REMEDY };
  return { check: 'disk', status: 'ok', message };
}
