import { readdirSync, readFileSync } from 'node:fs';

/** In the environment of what a test starts itself, so that it can be told from what SkyPilot's server starts. */
export const OURS = 'LAUNCHLOG_TEST_OURS';

/**
 * The programs whose command line has the text in it. What the rig's server starts is left out: SkyPilot itself hands a
 * job with its secrets to ssh as an argument, on the host of its server. Only names: a failure must not print what else
 * runs here.
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
