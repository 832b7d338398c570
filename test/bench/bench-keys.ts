import { arch, cpus, totalmem } from 'node:os';
import { LEASES } from './many-logs.js';
import type { BenchFindings } from './bench-run.js';
import { MERGED_READERS, type MergedRound } from './merged-load.js';
import { PROCESSES } from './processes.js';
import { rounded, type Summary } from './statistics.js';

type BenchKeys = Readonly<Record<string, number | string>>;

/** The findings as names that say what was measured. Ratios are medians of rounds; `_min` and `_max` are their spread. */
export function keysOf(findings: BenchFindings): BenchKeys {
  const { cpu, idle, appendMicros, replayMs, p99VsBare, saturated, busy, manyLogs } = findings;
  const worse = p99VsBare.sse.median > p99VsBare.trpc.median ? p99VsBare.sse : p99VsBare.trpc;
  const sseKb = idle.sse.liveKb - idle.bareSse.liveKb;
  const trpcKb = idle.trpc.liveKb - idle.bareWebSocket.liveKb;
  return {
    ...spread('sse_vs_bare', findings.sseVsBare),
    ...spread('trpc_ws_vs_bare', findings.trpcVsBare),
    ...spread('latency_p99_vs_bare_1000_readers', worse),
    sse_latency_p99_vs_bare_1000_readers: p99VsBare.sse.median,
    trpc_ws_latency_p99_vs_bare_1000_readers: p99VsBare.trpc.median,
    sse_deliveries_per_cpu_s_saturated: saturated.sse.deliveriesPerCpuSecond.median,
    trpc_deliveries_per_cpu_s_saturated: saturated.trpc.deliveriesPerCpuSecond.median,
    sse_saturated_p99_vs_bare: saturated.sse.p99VsBare.median,
    trpc_saturated_p99_vs_bare: saturated.trpc.p99VsBare.median,
    sse_saturated_vs_bare: saturated.sse.vsBare.median,
    trpc_saturated_vs_bare: saturated.trpc.vsBare.median,
    ...spread('sse_p99_vs_bare_1000x100', busy.sse.p99VsBare),
    ...spread('trpc_p99_vs_bare_1000x100', busy.trpc.p99VsBare),
    ...Object.fromEntries(
      Object.entries(manyLogs.idleCpuPercent).map(([logs, percent]) => [`idle_log_cpu_pct_${logs}`, percent]),
    ),
    [`many_logs_us_per_line_${manyLogs.plan.busyLogs}`]: manyLogs.microsPerLine,
    many_logs_bare_us_per_line: manyLogs.bareMicrosPerLine,
    many_logs_vs_bare: rounded(manyLogs.bareMicrosPerLine / manyLogs.microsPerLine),
    many_logs_share_delivered: manyLogs.delivered,
    merged_bytes_per_line: manyLogs.merged.sse.bytesPerLine,
    ...mergedKeys('sse', manyLogs.merged.sse),
    ...mergedKeys('trpc', manyLogs.merged.trpc),
    one_process_us_per_delivery: manyLogs.processes.one,
    [`${PROCESSES}_processes_us_per_delivery`]: manyLogs.processes.several,
    [`renew_ms_${LEASES}`]: manyLogs.renewMs,
    metrics_ms_100k: manyLogs.metrics.databaseMs,
    metrics_longest_statement_ms_100k: manyLogs.metrics.longestMs,
    metrics_answer_ms_100k: manyLogs.metrics.answerMs,
    idle_reader_kb: rounded(Math.max(sseKb, trpcKb)),
    sse_idle_reader_kb: rounded(sseKb),
    trpc_ws_idle_reader_kb: rounded(trpcKb),
    idle_readers: idle.readers,
    append_us_at_100: appendMicros[100].median,
    append_us_at_10000: appendMicros[10_000].median,
    append_entries_per_second: findings.appendsPerSecond,
    replay_10000_entries_sse_ms: rounded(replayMs.sse),
    replay_10000_entries_trpc_ws_ms: rounded(replayMs.trpc),
    redis_commands_per_delivered_entry: rounded(findings.redisCommandsPerDelivery),
    ...Object.fromEntries(
      Object.entries(cpu).map(([name, { median }]) => [`${keyOf(name)}_cpu_us_per_delivery`, median]),
    ),
    ...Object.fromEntries(
      findings.latencies.flatMap(({ name, readers, perSecond, p50Ms, p99Ms }) => {
        const load = `${readers}_readers_${perSecond}_per_second`;
        return [
          [`${keyOf(name)}_latency_p50_ms_${load}`, p50Ms.median],
          [`${keyOf(name)}_latency_p99_ms_${load}`, p99Ms.median],
        ];
      }),
    ),
    lowest_share_delivered: Math.min(...findings.latencies.map(({ delivered }) => delivered)),
    plan: findings.plan.name,
    ...machine(findings.loadBefore),
  };
}

function mergedKeys(transport: string, round: MergedRound): BenchKeys {
  const name = `merged_${transport}`;
  return {
    [`${name}_bytes_per_line`]: round.bytesPerLine,
    [`${name}_share_of_lines`]: round.share,
    [`${name}_us_per_delivery_${MERGED_READERS}_readers`]: round.microsPerDelivery,
    [`${name}_p99_ms_${MERGED_READERS}_readers`]: round.p99Ms,
  };
}

export function machine(loadBefore: number): BenchKeys {
  const all = cpus();
  return {
    machine_cpu: all[0]?.model ?? 'unknown',
    machine_cores: all.length,
    machine_memory_gb: Math.round(totalmem() / 2 ** 30),
    machine_architecture: arch(),
    machine_load_before: rounded(loadBefore),
    node_version: process.version,
  };
}

function spread(key: string, { median, min, max }: Summary): BenchKeys {
  return { [key]: median, [`${key}_min`]: min, [`${key}_max`]: max };
}

function keyOf(name: string): string {
  return name.replace('Launchlog SSE', 'sse').replace('Launchlog tRPC', 'trpc_ws').replaceAll('-', '_');
}
