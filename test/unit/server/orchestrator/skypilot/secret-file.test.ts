import { secretFile } from '@launchlog/server/orchestrator/skypilot/secret-file';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valuesOf } from '../../../../support/skypilot/dotenv-reader.js';

const ENVIRONMENT = { HOME: '/home/of-the-server', A: 'a variable of the server' };

test.each(['older', 'newer'] as const)(
  'any secrets survive the %s parser of the file unchanged',
  (version) => {
    const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,20}$/);
    const awkward = fc.constantFrom(
      '\\',
      '"',
      "'",
      '\r',
      '\n',
      '$',
      '${',
      '}',
      '${A}',
      '${:-x}',
      '#',
      '=',
      '\\n',
      'é😀',
    );
    const value = fc.array(fc.oneof(awkward, fc.string({ unit: 'grapheme' })), { minLength: 1 });
    const text = value.map((parts) => parts.join('')).filter((one) => one !== '' && !one.includes('\0'));
    fc.assert(
      fc.property(fc.dictionary(name, text), (secrets) => {
        expect({ ...valuesOf(secretFile(secrets), ENVIRONMENT, version) }).toEqual({ ...secrets });
      }),
      { numRuns: 500 },
    );
  },
);
