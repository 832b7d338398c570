import { expressionFault } from '@launchlog/shared/expression/expression-fault';
import { REGEX_MAX_CHARACTERS, SEARCH_TEXT_MAX_CHARACTERS } from '@launchlog/shared/log-query';

export interface SearchQuery {
  readonly text: string;
  readonly isRegex: boolean;
  readonly matchCase: boolean;
}

export const NO_SEARCH: SearchQuery = { text: '', isRegex: false, matchCase: false };

/** Compiles the query, or describes why it is invalid. Undefined for an empty query. */
export function compileQuery(query: SearchQuery): { pattern: RegExp } | { problem: string } | undefined {
  if (query.text === '') return undefined;
  const limit = query.isRegex ? REGEX_MAX_CHARACTERS : SEARCH_TEXT_MAX_CHARACTERS;
  if (query.text.length > limit) return { problem: `longer than ${limit} characters` };
  const source = query.isRegex ? query.text : query.text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
  try {
    return { pattern: new RegExp(source, query.matchCase ? 'g' : 'gi') };
  } catch (error) {
    return { problem: expressionFault(error) ?? 'no regular expression' };
  }
}

export function readSearchQuery(search: URLSearchParams): SearchQuery {
  return {
    text: search.get('q') ?? '',
    isRegex: search.get('regex') === '1',
    matchCase: search.get('case') === '1',
  };
}

/** The query as search parameters; an empty value removes the parameter. */
export function writeSearchQuery(query: SearchQuery): Record<'q' | 'regex' | 'case', string> {
  return {
    q: query.text,
    regex: query.isRegex ? '1' : '',
    case: query.matchCase ? '1' : '',
  };
}
