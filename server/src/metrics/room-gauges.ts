import { Gauge, type Registry } from 'prom-client';

/** Shows what the server has room for, which does not change while it runs. Undefined resources are left out. */
export function showRoom(registry: Registry, room: Readonly<Record<string, number | undefined>>): void {
  const gauge = new Gauge({
    name: 'launchlog_room',
    help: 'What this server has room for: streams, streams of many nodes, running launches (of all servers), open files.',
    labelNames: ['of'],
    registers: [registry],
  });
  for (const [of, count] of Object.entries(room)) if (count !== undefined) gauge.set({ of }, count);
}
