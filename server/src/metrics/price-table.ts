import { z } from 'zod';

const KEY_PATTERN = /^[a-z]+(?::[a-z0-9._-]+){1,2}(?::spot)?$/;

/**
 * US dollars per GPU and hour, for launches whose offer named no price. Keys, in any case, from the most specific to the
 * most general: `aws:us-west-2:A100:spot`, `aws:us-west-2:A100`, `aws:A100:spot`, `aws:A100`.
 */
export const priceTableSchema = z
  .record(z.string(), z.number({ error: 'prices must be numbers' }).nonnegative().max(100_000))
  .transform((table) =>
    Object.fromEntries(Object.entries(table).map(([key, price]) => [key.toLowerCase(), price])),
  )
  .refine((table) => Object.keys(table).every((key) => KEY_PATTERN.test(key)), {
    error: "keys must look like 'aws:A100', 'aws:us-west-2:A100' or either with ':spot'",
  });
export type PriceTable = Readonly<z.output<typeof priceTableSchema>>;

interface PricedPlace {
  readonly provider: string;
  readonly region: string;
  readonly gpu: string;
  readonly isSpot: boolean;
}

/** Dollars per GPU and hour of the most specific entry; NaN if none fits. */
export function listPriceOf(table: PriceTable, { provider, region, gpu, isSpot }: PricedPlace): number {
  const [place, anywhere] = [`${provider}:${region}:${gpu}`, `${provider}:${gpu}`];
  const keys = isSpot ? [`${place}:spot`, place, `${anywhere}:spot`, anywhere] : [place, anywhere];
  const key = keys.map((each) => each.toLowerCase()).find((each) => Object.hasOwn(table, each));
  return key === undefined ? NaN : (table[key] ?? NaN);
}
