import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createAppRouter } from '@launchlog/server/trpc/router';
import { ENVIRONMENT_VARIABLES, readConfig } from '@launchlog/server/config';
import { ERROR_CODES } from '@launchlog/shared/error-code';
import {
  doneSchema,
  errorEventSchema,
  gapSchema,
  noticeSchema,
  resetSchema,
  statusEventSchema,
} from '@launchlog/shared/event';
import { logEntrySchema } from '@launchlog/shared/log-entry';
import { logQuerySchema, logStreamQuerySchema } from '@launchlog/shared/log-query';
import { PHASES, PROGRESS_BANDS } from '@launchlog/shared/phase';
import { FLOORS } from '../architecture/floors.js';
import { MarkdownPage } from '../support/docs/markdown-page.js';
import { procedureFacts } from '../support/server/procedure-facts.js';

const api = MarkdownPage.read('docs/NODE_LOG_STREAMING_API.md');
const trpc = MarkdownPage.read('docs/trpc.md');
const configuration = MarkdownPage.read('docs/configuration.md');

const EVENTS = {
  log: logEntrySchema,
  status: statusEventSchema,
  error: errorEventSchema,
  done: doneSchema,
  gap: gapSchema,
  reset: resetSchema,
  notice: noticeSchema,
} as const;

/** Only these carry an id. */
const ID_OF: Readonly<Record<string, RegExp>> = {
  log: /^[0-9a-f]{16}:\d+$/,
  done: /^[0-9a-f]{16}:\d+:done$/,
};

/** In an order of their own, to compare what has none. */
function sorted(values: readonly unknown[]): string[] {
  return values.map((value) => JSON.stringify(value)).toSorted((one, other) => (one < other ? -1 : 1));
}

/** As a page writes a default. */
function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '').replaceAll('"', '');
}

interface Frame {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string;
}

function framesOf(text: string): Frame[] {
  return text.split('\n\n').flatMap((block) => {
    const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
    const event = fields.get('event');
    return event === undefined ? [] : [{ event, id: fields.get('id'), data: fields.get('data') ?? '' }];
  });
}

describe('the page of the API agrees with the code', () => {
  test('the table of errors matches the code, row by row', () => {
    const documented = api.tableRows('errors: checked', '"Try again" means').map((row) => row.slice(0, 4));
    const ours = Object.entries(ERROR_CODES).map(([code, { status, type, retryable }]) => [
      code,
      String(status),
      type,
      retryable ? 'yes' : 'no',
    ]);
    expect(documented).toEqual(ours);
  });

  test('the table of parameters has every parameter that is read, with its default', () => {
    const rows = api.tableRows('## Parameters', '## Events');
    const known = { ...logQuerySchema.shape, ...logStreamQuerySchema.shape };
    expect(sorted(rows.map(([name]) => name))).toEqual(sorted([...Object.keys(known), 'ticket']));
    const defaults: Record<string, unknown> = {
      ...logQuerySchema.parse({}),
      ...logStreamQuerySchema.parse({}),
    };
    for (const [name = '', value] of rows) expect(value, name).toBe(shown(defaults[name]));
  });

  test('the fields of an entry match the schema', () => {
    const names = api.tableRows('### History', '## Parameters').map(([name]) => name);
    expect(sorted(names)).toEqual(sorted(Object.keys(logEntrySchema.shape)));
  });

  test('the table of events has the fields of each', () => {
    const rows = api.tableRows('## Events', 'An `error` event');
    expect(sorted(rows.map(([name]) => name))).toEqual(sorted(Object.keys(EVENTS)));
    for (const [name = '', , fields = ''] of rows) {
      if (name === 'log') continue;
      const schema = EVENTS[name as keyof typeof EVENTS];
      for (const field of Object.keys(schema.shape)) expect(fields, name).toContain(`\`${field}`);
    }
  });

  test('the phases and their bands match the code', () => {
    const rows = api.tableRows('look like this', 'A phase begins').map(([phase, band]) => [phase, band]);
    const bands = PHASES.map((phase) => {
      if (phase === 'failed') return [phase, ''];
      const { from, to } = PROGRESS_BANDS[phase];
      return [phase, from === to ? String(to) : `${from}–${to}`];
    });
    expect(rows).toEqual(bands);
  });

  test.each(['events', 'rare-events'])('every event in the example %s matches its schema', (name) => {
    const frames = framesOf(api.code(name).text);
    expect(frames.length).toBeGreaterThan(2);
    for (const { event, id, data } of frames) {
      const schema = EVENTS[event as keyof typeof EVENTS];
      const value: unknown = JSON.parse(data);
      expect(schema.parse(value), event).toEqual(value);
      expect(id ?? '', event).toMatch(ID_OF[event] ?? /^$/);
    }
  });

  test('the example of a history page matches the schema', () => {
    const page = JSON.parse(api.code('log-page').text) as { logs: unknown[] };
    expect(page.logs.map((entry) => logEntrySchema.parse(entry))).toEqual(page.logs);
  });
});

describe('the guides agree with the code', () => {
  test('every variable has a section with its default', () => {
    const sections = configuration.text.split(/^### /m).slice(1);
    const documented = new Map(
      sections.map((section) => {
        const [, name = ''] = /^`([A-Z_0-9]+)`/.exec(section) ?? [];
        return [
          name,
          /^Default: (?:`([^`]*)`|(none|generated|the folder|as open files allow))/m
            .exec(section)
            ?.slice(1) ?? [],
        ];
      }),
    );
    expect(sorted([...documented.keys()])).toEqual(sorted([...ENVIRONMENT_VARIABLES]));
    const defaults: Record<string, unknown> = { ...readConfig({}) };
    for (const [name, [value, word]] of documented) {
      const ours = defaults[name];
      const isNone = ours === undefined || (Array.isArray(ours) && ours.length === 0);
      expect(value, name).toBe(isNone ? undefined : shown(ours));
      expect(word !== undefined, name).toBe(isNone);
    }
  });

  test('the table of procedures names each with its type and its scope', () => {
    const documented = trpc
      .tableRows('## Procedures', 'A scope is')
      .map(([path, kind, scope]) => [path, kind, scope]);
    const ours = procedureFacts(createAppRouter({} as never)).map(({ path, type, scope }) => [
      path,
      type,
      scope,
    ]);
    expect(sorted(documented)).toEqual(sorted(ours));
  });

  test("the picture of the server's tree has every floor, from the ground up", () => {
    const documented = MarkdownPage.read('docs/architecture.md')
      .tableRows("The server's folders are floors", 'Around the server')
      .flatMap(([names = '']) => names.split(', ').map((name) => name.replaceAll('`', '')));
    const floors = FLOORS.find(({ root }) => root === 'server/src')?.floors ?? [];
    expect(documented).toEqual(floors.map(([name]) => name));
  });

  test('every file of the five walks through the server exists', () => {
    const { text } = MarkdownPage.read('docs/architecture.md');
    const walks = text.slice(text.indexOf('## Five walks'), text.indexOf('## Import rules'));
    const files = [...walks.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(30);
    expect(files.filter((file) => !existsSync(new URL(`../../server/src/${file}`, import.meta.url)))).toEqual(
      [],
    );
  });
});
