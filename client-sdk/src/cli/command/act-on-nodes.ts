import type { Node } from '@launchlog/shared/node';
import { confirm } from '../session/ask.js';
import type { CliSession } from '../session/cli-session.js';
import { errorText } from '../screen/error-text.js';
import { EXIT, exitCodeOf } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { patiently } from '../session/patiently.js';
import { inParallel } from '../session/in-parallel.js';

/** Names in a question; the others are counted. */
const NAMES_MAX = 5;

/**
 * Calls `act` for every node, a few at a time. A node that is refused is reported by name and does not
 * keep the others from their turn; a server that is away or denies access ends it. Ctrl-C begins no further node.
 */
export async function actOnNodes(
  session: CliSession,
  nodes: readonly Node[],
  act: (node: Node) => Promise<void>,
): Promise<ExitCode> {
  const { interrupted } = session.process;
  const [only] = nodes;
  if (only !== undefined && nodes.length === 1) {
    await act(only);
    return EXIT.ok;
  }
  let [done, refused] = [0, 0];
  await inParallel(nodes, async (node) => {
    if (interrupted.aborted) return;
    try {
      await patiently(() => act(node), interrupted);
      done += 1;
    } catch (error) {
      if (exitCodeOf(error) === EXIT.cannotConnect) throw error;
      session.warn(`${node.clusterName}: ${errorText(error)}`);
      refused += 1;
    }
  });
  if (done < nodes.length) {
    const skipped = nodes.length - done - refused;
    session.warn(`${done} of ${nodes.length} nodes done, ${refused} refused, ${skipped} not tried`);
  }
  return done === nodes.length ? EXIT.ok : EXIT.failed;
}

/** Asks on a terminal; without one there is nobody to ask. */
export async function mayAct(session: CliSession, verb: string, nodes: readonly Node[]): Promise<boolean> {
  if (!session.canAsk || (await confirm(session, `${verb} ${subjectOf(nodes)}?`))) return true;
  session.print('Nothing was done.');
  return false;
}

function subjectOf(nodes: readonly Node[]): string {
  const [only] = nodes;
  if (only !== undefined && nodes.length === 1) {
    return `${only.clusterName} (${only.modelName} on ${only.gpuCount}×${only.gpuType})`;
  }
  const names = nodes.slice(0, NAMES_MAX).map((node) => node.clusterName);
  const more = nodes.length - names.length;
  return `${nodes.length} nodes (${names.join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
}
