import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readSourceTexts } from '../support/source/source-tree.js';

const folder = fileURLToPath(new URL('../../docs/decisions', import.meta.url));
const STATUS = /^(?:accepted|(?:superseded|amended) by \[\d+\]\(\d{4}-[a-z0-9-]+\.md\))$/;

interface Row {
  readonly number: string;
  readonly file: string;
  readonly title: string;
  readonly status: string;
  readonly date: string;
}

function indexRows(): Row[] {
  const row = /^\| \[(\d+)\]\((\S+)\) +\| (.+?) +\| (.+?) +\| (\S+) +\|$/gm;
  const index = readFileSync(join(folder, 'README.md'), 'utf8');
  return [...index.matchAll(row)].map(([, number = '', file = '', title = '', status = '', date = '']) => ({
    number,
    file,
    title,
    status,
    date,
  }));
}

describe('the index of decisions', () => {
  const rows = indexRows();
  const files = readdirSync(folder).filter((name) => name !== 'README.md');

  test('lists every decision once, in order', () => {
    expect(rows.map(({ file }) => file)).toEqual(files.toSorted());
  });

  test.each(rows)('repeats number, title and status of $file, with a date', (row) => {
    const [heading = '', , third = ''] = readFileSync(join(folder, row.file), 'utf8').split('\n', 3);
    expect(heading).toBe(`# ${row.number}. ${row.title}`);
    const isAccepted = row.status === 'accepted';
    expect(third.toLowerCase()).toBe(isAccepted ? '## context' : `${row.status}.`.toLowerCase());
    expect(Number(row.file.slice(0, 4))).toBe(Number(row.number));
    expect(row.status).toMatch(STATUS);
    expect(row.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });
});

test('every decision that a comment points to exists', () => {
  const numbers = new Set(indexRows().map(({ number }) => number));
  const pointers = readSourceTexts().flatMap(({ path, text }) =>
    [...text.matchAll(/\b[Dd]ecision (\d+)\b/g)].map(([, number = '']) => ({ path, number })),
  );
  expect(pointers.length).toBeGreaterThan(20);
  expect(pointers.filter(({ number }) => !numbers.has(number))).toEqual([]);
});
