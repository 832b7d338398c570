import { BUSY, SATURATION, type BenchPlan } from './bench-plan.js';
import { BenchRig } from './bench-rig.js';
import { cpuOf, measureCpu, measureLatencies, vsBare } from './bench-run.js';
import { measureCoalescing } from './coalescing.js';
import { measureIdleMemory } from './idle-memory.js';
import { measureManyLogs } from './many-logs.js';

type Part = (plan: BenchPlan) => Promise<unknown>;

/** What can be measured by itself, by name. */
export const PARTS: Readonly<Record<string, Part>> = {
  cpu: withRig(async (rig, plan) => {
    const { rounds } = await measureCpu(rig, plan);
    return { ...vsBare(rounds), cpu: cpuOf(rounds) };
  }),
  latency: withRig(measureLatencies),
  saturation: withRig((rig, plan) => measureCoalescing(rig, { ...SATURATION, ...plan.saturation })),
  busy: withRig((rig, plan) => measureCoalescing(rig, { ...BUSY, ...plan.busy })),
  'many-logs': ({ manyLogs }) => measureManyLogs(manyLogs),
  memory: ({ idleReaders }) => measureIdleMemory(idleReaders),
};

function withRig(measure: (rig: BenchRig, plan: BenchPlan) => Promise<unknown>): Part {
  return async (plan) => {
    const rig = await BenchRig.start();
    try {
      return await measure(rig, plan);
    } finally {
      await rig.close();
    }
  };
}
