// Holds the lock of a directory until it is asked to stop: one process of several that compete for it.
import { systemClock } from '@launchlog/server/clock';
import { DirectoryLock } from '@launchlog/server/database/directory-lock';

const [path = '', waitMs = '0'] = process.argv.slice(2);
try {
  const lock = await DirectoryLock.acquire({ path, waitMs: Number(waitMs), clock: systemClock });
  process.stdout.write('held\n');
  const alive = setInterval(() => undefined, 1_000);
  process.once('SIGTERM', () => {
    clearInterval(alive);
    void lock.release();
  });
} catch (error) {
  process.stdout.write(`refused: ${String(error)}\n`);
}
