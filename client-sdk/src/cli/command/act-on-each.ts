import { neutralise } from '../screen/neutralise.js';
import { errorText } from '../screen/error-text.js';
import type { CliSession } from '../session/cli-session.js';
import { EXIT, exitCodeOf } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { inParallel } from '../session/in-parallel.js';
import { patiently } from '../session/patiently.js';

interface Action<Item> {
  /** Of several, such as `nodes`. */
  readonly noun: string;
  readonly nameOf: (item: Item) => string;
  readonly act: (item: Item) => Promise<void>;
}

/**
 * Calls `act` for every item, a few at a time. One that is refused is reported by name and does not keep the others from
 * their turn; a server that is away or denies access ends it. Ctrl-C begins no further one.
 */
export async function actOnEach<Item>(
  session: CliSession,
  items: readonly Item[],
  { noun, nameOf, act }: Action<Item>,
): Promise<ExitCode> {
  const { interrupted } = session.process;
  const [only] = items;
  if (only !== undefined && items.length === 1) {
    await act(only);
    return EXIT.ok;
  }
  let [done, refused] = [0, 0];
  await inParallel(items, async (item) => {
    if (interrupted.aborted) return;
    try {
      await patiently(() => act(item), interrupted);
      done += 1;
    } catch (error) {
      if (exitCodeOf(error) === EXIT.cannotConnect) throw error;
      session.warn(`${neutralise(nameOf(item), false)}: ${errorText(error)}`);
      refused += 1;
    }
  });
  if (done < items.length) {
    const skipped = items.length - done - refused;
    session.warn(`${done} of ${items.length} ${noun} done, ${refused} refused, ${skipped} not tried`);
  }
  return done === items.length ? EXIT.ok : EXIT.failed;
}
