import type { ImportStatement, SourceFile } from '../support/source/source-tree.js';
import { FLOORS, type Floors } from './floors.js';
import { importOffences, plant, type ArchitectureRule } from './rule.js';
import { mayTouch } from './technologies.js';

/**
 * An adapter stands beside its port, in any folder, and is named after it with its technology first: `redis-log-store.ts`.
 * The files `database/sql-*` are the port of SQL.
 */
const ADAPTER =
  /^server\/src\/(?!app\/|http\/|database\/sql-)(?:[a-z-]+\/)+(?:redis|embedded|memory|sql|pg|pglite|(?:skypilot-)?(?:api|cli)|simulated|webhook|slack|discord|email|s3|folder|prometheus|otlp|openid|http)-[a-z-]+\.ts$/;
const COMPOSITION_ROOT = /^server\/src\/(?:app\/[^/]+|main)\.ts$/;
const EDGE = /^server\/src\/(?:http|trpc)\//;

const inside = (folder: string) => (path: string) => path.startsWith(folder);
const targets = (pattern: RegExp) => (statement: ImportStatement) => pattern.test(statement.target ?? '');

/** The floor of a path, counted from the ground; undefined for a file on no floor. */
function floorOf({ root, floors }: Floors, path: string): number | undefined {
  if (!path.startsWith(`${root}/`)) return undefined;
  const inner = path.slice(root.length + 1);
  const names = floors.map(([name]) => name).filter((name) => inner === name || inner.startsWith(`${name}/`));
  const [longest] = names.toSorted((one, other) => other.length - one.length);
  const floor = floors.findIndex(([name]) => name === longest);
  return floor === -1 ? undefined : floor;
}

function upwardImports(tree: readonly SourceFile[]): string[] {
  return FLOORS.flatMap((floors) =>
    tree.flatMap((file) => {
      const floor = floorOf(floors, file.path);
      if (floor === undefined) return [];
      return file.imports.flatMap(({ target }) => {
        const above = target === undefined ? undefined : floorOf(floors, target);
        return above !== undefined && above > floor ? [`${file.path} imports ${target}, a floor above`] : [];
      });
    }),
  );
}

function filesOnNoFloor(tree: readonly SourceFile[]): string[] {
  return FLOORS.flatMap((floors) =>
    tree
      .filter(({ path }) => path.startsWith(`${floors.root}/`) && floorOf(floors, path) === undefined)
      .map(({ path }) => `${path} is on no floor: add its folder to test/architecture/floors.ts`),
  );
}

/** The first cycle that is found, as the paths along it. */
function findCycle(tree: readonly SourceFile[]): readonly string[] {
  const edges = new Map(
    tree.map((file) => [
      file.path,
      file.imports.flatMap(({ target }) => (target === undefined ? [] : [target])),
    ]),
  );
  const finished = new Set<string>();
  const walk = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (finished.has(path)) return [];
    for (const next of edges.get(path) ?? []) {
      const cycle = walk(next, [...trail, path]);
      if (cycle.length > 0) return cycle;
    }
    finished.add(path);
    return [];
  };
  for (const path of edges.keys()) {
    const cycle = walk(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

/** Which files may import which. */
export const IMPORT_RULES: readonly ArchitectureRule[] = [
  {
    title: 'imports run from the upper floors to the lower ones',
    offences: upwardImports,
    planted: [
      plant('server/src/log/planted.ts', "import { App } from '../app/app.js';\n"),
      plant('server/src/log/planted.ts', "type App = import('../app/app.js').App;\n"),
      plant('server/src/log/planted.ts', "const { App } = await import('@launchlog/server/app/app');\n"),
      plant('client-sdk/src/call/planted.ts', "import { createNodes } from '../resource/nodes.js';\n"),
      plant('server/console/src/log/planted.ts', "import { Shell } from '../shell/shell.js';\n"),
      plant('test/support/log/planted.ts', "import { ServerEdge } from '../server/server-edge.js';\n"),
    ],
  },
  {
    title: 'every folder has its floor',
    offences: filesOnNoFloor,
    planted: [
      plant('server/src/planted/planted.ts', 'export const planted = 1;\n'),
      plant('server/console/src/planted.ts', 'export const planted = 1;\n'),
      plant('client-sdk/src/planted/planted.ts', 'export const planted = 1;\n'),
      plant('client-sdk/src/cli/planted/planted.ts', 'export const planted = 1;\n'),
      plant('test/support/planted.ts', 'export const planted = 1;\n'),
    ],
  },
  {
    title: 'there are no cycles',
    offences: findCycle,
    planted: [
      [
        ...plant('server/src/log/planted.ts', "import './planted-other.js';\n"),
        ...plant('server/src/log/planted-other.ts', "import './planted.js';\n"),
      ],
    ],
  },
  {
    title: 'shared imports itself alone',
    offences: importOffences(
      inside('shared/src/'),
      ({ target }) => target !== undefined && !target.startsWith('shared/src/'),
    ),
    planted: [plant('shared/src/planted.ts', "import type { Node } from '@launchlog/sdk';\n")],
  },
  {
    title: 'only the composition root and adapters import adapters',
    offences: importOffences(
      (path) => path.startsWith('server/src/') && !ADAPTER.test(path) && !COMPOSITION_ROOT.test(path),
      (statement) => ADAPTER.test(statement.target ?? '') && !statement.typeOnly,
    ),
    planted: [
      plant('server/src/feed/planted.ts', "import { RedisLogStore } from '../log/redis-log-store.js';\n"),
      plant(
        'server/src/feed/planted.ts',
        "import { Store } from '../log/position/redis-position-store.js';\n",
      ),
      plant(
        'server/src/launch/planted.ts',
        "import { events } from '../node/event/sql-node-event-store.js';\n",
      ),
      plant(
        'server/src/launch/planted.ts',
        "import { ApiJob } from '../orchestrator/skypilot/api-job.js';\n",
      ),
    ],
  },
  {
    title: 'a technology is touched only where the table of technologies allows it',
    offences: importOffences(
      (path) => !path.startsWith('test/'),
      ({ specifier, target, typeOnly }, { path }) =>
        target === undefined && !typeOnly && !mayTouch(path, specifier),
    ),
    planted: [
      plant('server/src/launch/planted.ts', "import { execa } from 'execa';\n"),
      plant('server/src/search/planted.ts', "import { readFile } from 'node:fs/promises';\n"),
      plant('server/src/log/planted.ts', "import { setTimeout as sleep } from 'node:timers/promises';\n"),
      plant('client-sdk/src/planted.ts', "import { join } from 'node:path';\n"),
      plant('client-sdk/src/planted.ts', "import { readFileSync } from 'fs';\n"),
      plant('client-sdk/src/react/planted.ts', "import { WebSocket } from 'ws';\n"),
      plant('client-sdk/src/cli/screen/planted.ts', "import { createServer } from 'node:http';\n"),
      plant('server/console/src/node/planted.ts', "import { sortBy } from 'lodash';\n"),
      plant('shared/src/planted.ts', "import { randomUUID } from 'node:crypto';\n"),
    ],
  },
  {
    title: 'the two edges do not know each other',
    offences: (tree) => [
      ...importOffences(inside('server/src/trpc/'), targets(/^server\/src\/http\//))(tree),
      ...importOffences(inside('server/src/http/'), targets(/^server\/src\/trpc\//))(tree),
    ],
    planted: [plant('server/src/http/planted.ts', "import { createAppRouter } from '../trpc/router.js';\n")],
  },
  {
    title: 'only the composition root knows the edges',
    offences: importOffences(
      (path) => path.startsWith('server/src/') && !EDGE.test(path) && !COMPOSITION_ROOT.test(path),
      targets(EDGE),
    ),
    planted: [
      plant('server/src/launch/planted.ts', "import { HttpServer } from '../http/http-server.js';\n"),
    ],
  },
  {
    title: 'the SDK takes the type of the router from the server, and nothing else',
    offences: importOffences(
      inside('client-sdk/src/'),
      ({ target, typeOnly }) =>
        (target?.startsWith('server/') ?? false) && !(typeOnly && target === 'server/src/trpc/router.ts'),
    ),
    planted: [
      plant('client-sdk/src/planted.ts', "import { AppRouter } from '@launchlog/server/trpc/router';\n"),
      plant('client-sdk/src/planted.ts', "import type { App } from '@launchlog/server/app/app';\n"),
      plant('client-sdk/src/planted.ts', "import { App } from '@launchlog/server';\n"),
    ],
  },
  {
    title: 'the library of the SDK runs without the command line',
    offences: importOffences(
      (path) => path.startsWith('client-sdk/src/') && !path.startsWith('client-sdk/src/cli/'),
      targets(/^client-sdk\/src\/cli\//),
    ),
    planted: [
      plant('client-sdk/src/planted.ts', "import { cliSession } from './cli/session/cli-session.js';\n"),
    ],
  },
  {
    title: 'the console uses the SDK and the shared schemas only',
    offences: importOffences(
      inside('server/console/src/'),
      targets(/^server\/src\/|^client-sdk\/src\/(?!(?:index|react)\.ts$)/),
    ),
    planted: [plant('server/console/src/planted.ts', "import { App } from '@launchlog/server/app/app';\n")],
  },
  {
    title: 'nothing imports the tests',
    offences: importOffences((path) => !path.startsWith('test/'), targets(/^test\//)),
    planted: [plant('shared/src/planted.ts', "import { within } from '../../test/support/within.js';\n")],
  },
  {
    title: 'machinery for tests knows no test',
    offences: importOffences(inside('test/support/'), targets(/^test\/(?!support\/|fixtures\/)/)),
    planted: [plant('test/support/planted.ts', "import { nodes } from '../unit/server/node/nodes.js';\n")],
  },
];
