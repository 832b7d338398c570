import { Gauge, type Registry } from 'prom-client';

/** Exports what the server can hold at once, which does not change while it runs. Undefined resources are left out. */
export function showCapacity(
  registry: Registry,
  capacity: Readonly<Record<string, number | undefined>>,
): void {
  const gauge = new Gauge({
    name: 'launchlog_room',
    help: 'What this server has room for: streams, streams of many nodes, running launches (of all servers), open files.',
    labelNames: ['of'],
    registers: [registry],
  });
  for (const [of, count] of Object.entries(capacity)) if (count !== undefined) gauge.set({ of }, count);
}
