import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPriceTable } from '@launchlog/server/metrics/price-table-file';

describe('the price table', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'launchlog-prices-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const read = async (content: string) => {
    const path = join(folder, 'prices.json');
    await writeFile(path, content);
    return readPriceTable(path);
  };

  it('is empty where there is no file', async () => {
    expect(await readPriceTable(undefined)).toEqual({});
  });

  it('reads provider, region, GPU and spot, in any case', async () => {
    expect(await read('{"AWS:A100":3.2,"aws:us-west-2:H100-80GB:spot":1,"gcp:L4:spot":0}')).toEqual({
      'aws:a100': 3.2,
      'aws:us-west-2:h100-80gb:spot': 1,
      'gcp:l4:spot': 0,
    });
  });

  it.each([
    ['no JSON', '{"aws:A100":', /PRICE_TABLE .*prices\.json cannot be used: .*JSON/],
    ['a price that is no number', '{"aws:A100":"3.2"}', /aws:A100: prices must be numbers/],
    ['a price below nothing', '{"aws:A100":-1}', /aws:A100/],
    ['a key without a GPU', '{"aws":1}', /keys must look like/],
    ['a list', '[1]', /cannot be used/],
  ])('refuses %s, and names the file and what is wrong', async (_, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  it('refuses a file that is not there', async () => {
    await expect(readPriceTable(join(folder, 'none.json'))).rejects.toThrow(/PRICE_TABLE .*ENOENT/);
  });
});
