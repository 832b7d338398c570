import { describe, expect, test } from 'vitest';
import {
  keptSearch,
  savedLink,
  savedName,
  savedPath,
  savedSearchesSchema,
  withoutSaved,
  withRenamed,
  withSaved,
} from '@launchlog/console/saved/saved-searches';

const lost = { name: 'Lost & found', path: '/', search: 'status=lost,failed&q=a100' };

describe('saved searches', () => {
  test('open the page that they were saved on, with what it searched for', () => {
    expect(savedPath(lost)).toBe('/?status=lost,failed&q=a100');
    expect(savedPath({ ...lost, path: '/search', search: '' })).toBe('/search');
  });

  test('are exported as a link that names them, from which the same search is saved again', () => {
    const link = new URL(savedLink(lost, 'https://example.com/launchlog'));
    expect(link.pathname).toBe('/launchlog/');
    expect(link.searchParams.get('saved')).toBe('Lost & found');
    expect(keptSearch(link.searchParams)).toBe(lost.search);
  });

  test('of one name replace one another on their page, newest first', () => {
    const other = { ...lost, path: '/search' };
    const changed = { ...lost, search: 'status=lost' };
    expect(withSaved(withSaved([other], lost), changed)).toEqual([changed, other]);
    expect(withoutSaved([changed, other], lost)).toEqual([other]);
    const many = Array.from({ length: 60 }, (_, index) => ({ ...lost, name: String(index) }));
    expect(withSaved(many, lost)).toEqual([lost, ...many]);
  });

  test('are renamed in their place, and take the place of one of that name', () => {
    const [one, two] = [
      { ...lost, name: 'one' },
      { ...lost, name: 'two' },
    ];
    expect(withRenamed([one, lost, two], lost, 'new')).toEqual([one, { ...lost, name: 'new' }, two]);
    expect(withRenamed([one, lost, two], lost, 'two')).toEqual([one, two]);
    expect(withRenamed([one, lost], lost, lost.name)).toEqual([one, lost]);
  });

  test('are not read where another program has written something else', () => {
    expect(savedSearchesSchema.safeParse([{ name: '', path: '/', search: '' }]).success).toBe(false);
    expect(savedSearchesSchema.safeParse([{ ...lost, path: 'https://evil.example' }]).success).toBe(false);
    expect(savedSearchesSchema.safeParse([lost]).success).toBe(true);
  });

  test('have names without blanks around them, and not too long ones', () => {
    expect(savedName('  a b ')).toBe('a b');
    expect(savedName('x'.repeat(99))).toHaveLength(60);
  });
});
