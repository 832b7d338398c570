import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DocumentedPrograms } from '../../support/docs/documented-programs.js';
import { MarkdownPage } from '../../support/docs/markdown-page.js';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { AppProcess } from '../../support/server/app-process.js';

const page = MarkdownPage.read('docs/trpc.md');
const root = fileURLToPath(new URL('../../..', import.meta.url));
const SETUP_MS = 180_000;

let app: AppProcess;
let programs: DocumentedPrograms;

beforeAll(async () => {
  await buildWorkspaces();
  programs = await DocumentedPrograms.of(page);
  app = await AppProcess.start({ SIMULATOR_SPEED: '60' });
}, SETUP_MS);

afterAll(async () => {
  await app?.close();
  await programs?.remove();
});

const environment = () => ({ LAUNCHLOG_URL: app.url, LAUNCHLOG_TOKEN: app.token });

const TYPED_EXAMPLES = [
  ['docs/trpc.md', 'stock-client.ts'],
  ['docs/trpc.md', 'without-web-socket.ts'],
  ['docs/NODE_LOG_STREAMING_API.md', 'follow.ts'],
  ['docs/NODE_LOG_STREAMING_API.md', 'follow-by-sdk.ts'],
] as const;
/** It shows that problems are found. */
const WRONG = 'wrong.ts';

/** Problems that the compiler finds in each example, with the packages of this repository, in one program for all. */
function typeProblems(): (name: string) => string[] {
  const path = (name: string) => `${root}test/${name}`;
  const texts = new Map<string, string>(
    TYPED_EXAMPLES.map(([file, name]) => [path(name), MarkdownPage.read(file).code(name).text]),
  );
  texts.set(path(WRONG), 'const wrong: number = "text";\nexport { wrong };');
  const { config } = ts.readConfigFile(`${root}test/tsconfig.json`, (file) => readFileSync(file, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, `${root}test`);
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) => {
    const text = texts.get(file);
    return text === undefined ? read(file, ...rest) : ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
  };
  host.fileExists = (file) => texts.has(file) || ts.sys.fileExists(file);
  const program = ts.createProgram([...texts.keys()], { ...options, noEmit: true }, host);
  return (name) => {
    const source = program.getSourceFile(path(name));
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'),
    );
  };
}

describe('the examples of the tRPC guide', () => {
  test('the stock client launches a node and follows it to its end', async () => {
    const client = await programs.start('stock-client.ts', [], { environment: environment() });
    expect(await client.exit(), client.stderr).toBe(0);
    const ids = client.lines.slice(0, -1).map((line) => Number(/^[0-9a-f]{16}:(\d+) /.exec(line)?.[1]));
    expect(ids.length).toBeGreaterThan(40);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expect(client.lines.at(-1)).toBe('The launch is active');
  });

  test('a client without a WebSocket watches the nodes', async () => {
    const client = await programs.start('without-web-socket.ts', [], { environment: environment() });
    expect(await client.exit(), client.stderr).toBe(0);
    expect(client.lines).toEqual([expect.stringMatching(/^There are \d+ nodes$/)]);
  });

  test('curl calls a query', async () => {
    const call = programs.shell('curl-trpc', environment());
    expect(await call.exit(), call.stderr).toBe(0);
    expect(JSON.parse(call.stdout)).toMatchObject({
      result: { data: { json: { nodes: expect.any(Array) } } },
    });
  });

  test('every example has a test', () => {
    expect(page.codeBlocks.map(({ name }) => name)).toEqual([
      'stock-client.ts',
      'without-web-socket.ts',
      'curl-trpc',
    ]);
  });

  describe('hold by their types', () => {
    let problems: ReturnType<typeof typeProblems>;
    beforeAll(() => {
      problems = typeProblems();
    });

    test.each(TYPED_EXAMPLES)('in %s: %s', (_, name) => {
      expect(problems(name)).toEqual([]);
    });

    test('and a wrong one does not', () => {
      expect(problems(WRONG)).toHaveLength(1);
    });
  });
});
