import { describe, expect, test } from 'vitest';
import { CUT_MARK, cutUnredacted } from '@launchlog/server/redaction/cut-mark';
import { maskedError } from '@launchlog/server/redaction/masked-error';
import { MASK } from '@launchlog/server/redaction/mask';
import { SecretMaker } from '../../../support/sample/secret-maker.js';

const TOKEN = new SecretMaker('errors').make('Hugging Face token');

describe("an error in the server's own log", () => {
  test('has its text, its stack and those of its causes, masked', () => {
    const cause = new Error(`answered with ${TOKEN}`);
    const logged = maskedError(new TypeError(`failed for ${TOKEN}`, { cause }));
    expect(logged).toMatchObject({ type: 'TypeError', stack: expect.stringContaining('masked-error.test') });
    expect(logged).toMatchObject({ message: `failed for ${MASK}: answered with ${MASK}` });
    expect(JSON.stringify(logged)).not.toContain(TOKEN);
  });

  test('shows no half of a secret where its text was cut', () => {
    const logged = maskedError(new Error(cutUnredacted(`said ${TOKEN}`, 12)));
    expect(logged).toMatchObject({ message: `said${CUT_MARK}` });
    expect(JSON.stringify(logged)).not.toContain(TOKEN.slice(0, 7));
  });

  test('keeps codes and leaves out what else hangs on it', () => {
    const logged = maskedError(Object.assign(new Error('x'), { code: 'EIO', errno: 5, output: [TOKEN] }));
    expect(logged).toMatchObject({ code: 'EIO', errno: 5 });
    expect(logged).not.toHaveProperty('output');
  });

  test('of several has them all', () => {
    const logged = maskedError(new AggregateError([new Error(`one ${TOKEN}`), new Error('two')], 'both'));
    expect(logged).toMatchObject({ aggregateErrors: [{ message: `one ${MASK}` }, { message: 'two' }] });
  });

  test('may be no error at all', () => {
    expect([undefined, null, 7, `text ${TOKEN}`].map(maskedError)).toEqual([
      undefined,
      null,
      7,
      `text ${MASK}`,
    ]);
  });
});
