import { readdirSync, readFileSync } from 'node:fs';

/** Marks the environment of processes that a test starts, to distinguish them from those of SkyPilot's server. */
export const OURS = 'LAUNCHLOG_TEST_OURS';

/**
 * Returns the programs whose command line contains the text, without those that the rig's server started: SkyPilot itself
 * passes a job with its secrets to ssh as an argument. Only their names, since a failed test prints them.
 */
export function programsShowing(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const words = commandLineOf(pid);
      return words.some((word) => word.includes(text)) && !isOfServer(pid) ? [words[0] ?? ''] : [];
    });
}

function commandLineOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function isOfServer(pid: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    return environment.includes('SKYPILOT_RIG') && !environment.includes(`${OURS}=`);
  } catch {
    return false;
  }
}
