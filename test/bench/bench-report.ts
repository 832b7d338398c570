import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { BenchFindings } from './bench-run.js';
import { keysOf, machine } from './bench-keys.js';
import { plotOf } from './plot.js';
import { rounded, type Summary } from './statistics.js';

const DOCS = new URL('../../../../docs/', import.meta.url);
const BEGIN = '<!-- results: begin -->';
const END = '<!-- results: end -->';

/** Tables in Markdown. */
export function reportOf(findings: BenchFindings): string {
  return [targets(findings), cpu(findings), latency(findings), memory(findings), rest(findings)].join('\n\n');
}

/** Into the documentation, between its marks, with the machine it was measured on. */
export async function writeReport(findings: BenchFindings): Promise<void> {
  const page = new URL('benchmarks.md', DOCS);
  const [before, rest_ = ''] = readFileSync(page, 'utf8').split(BEGIN);
  const after = rest_.split(END)[1] ?? '';
  const results = `${BEGIN}\n\n${measuredOn(findings)}\n\n${reportOf(findings)}\n\n${END}`;
  const filepath = fileURLToPath(page);
  const style = await resolveConfig(filepath);
  writeFileSync(page, await format(`${before}${results}${after}`, { ...style, filepath }));
  writeFileSync(new URL('benchmarks.svg', DOCS), plotOf(findings));
}

function measuredOn({ plan, loadBefore }: BenchFindings): string {
  const { machine_cpu, machine_cores, machine_memory_gb, machine_load_before, node_version } =
    machine(loadBefore);
  const day = new Date().toISOString().slice(0, 10);
  return `Measured on ${day} (${plan.name} run): ${machine_cores} cores of ${String(machine_cpu).trim()}, ${machine_memory_gb} GB, Node ${node_version}. Load average before the run: ${machine_load_before}.`;
}

function targets(findings: BenchFindings): string {
  const keys = keysOf(findings);
  const row = (what: string, key: string, goal: string) => `| ${what} | ${String(keys[key])} | ${goal} |`;
  return table('| | measured | target |', [
    row('SSE: deliveries per CPU second, of the bare loop’s', 'sse_vs_bare', '≥ 1'),
    row('tRPC over WebSocket: the same', 'trpc_ws_vs_bare', '≥ 1'),
    row(
      'p99 at 1,000 readers × 20/s through Redis, times the bare loop’s',
      'latency_p99_vs_bare_1000_readers',
      '≤ 2',
    ),
    row(
      'SSE: deliveries per CPU second, 1,000 readers × 400/s',
      'sse_deliveries_per_cpu_s_saturated',
      '≥ 400,000',
    ),
    row('tRPC: the same', 'trpc_deliveries_per_cpu_s_saturated', '≥ 400,000'),
    row(
      'SSE: p99 at 1,000 readers × 100/s, times that of a coalescing loop',
      'sse_p99_vs_bare_1000x100',
      '≤ 2',
    ),
    row('tRPC: the same', 'trpc_p99_vs_bare_1000x100', '≤ 2'),
    ...findings.manyLogs.plan.idleLogs.map((logs) =>
      row(`percent of a core for ${logs} silent watched logs`, `idle_log_cpu_pct_${logs}`, '≤ 3 for 10,000'),
    ),
    row(
      'µs of CPU for a line, one reader on each of 1,000 logs',
      `many_logs_us_per_line_${findings.manyLogs.plan.busyLogs}`,
      '≤ 25',
    ),
    row('the same of a bare program', 'many_logs_bare_us_per_line', ''),
    row('lines per CPU second, of the bare program’s', 'many_logs_vs_bare', ''),
    row('bytes of a line in a stream of many nodes', 'merged_bytes_per_line', '≤ 350'),
    row(
      'µs of CPU for a line of 1,000 logs in one stream, for each of 20 readers, SSE',
      'merged_sse_us_per_delivery_20_readers',
      '≤ 25',
    ),
    row('tRPC: the same', 'merged_trpc_us_per_delivery_20_readers', '≤ 25'),
    row('µs of CPU for a delivery, 720 readers of 36 logs on one process', 'one_process_us_per_delivery', ''),
    row('on three processes, routed by log', '3_processes_us_per_delivery', ''),
    row('ms of CPU of PostgreSQL for the metrics of 100,000 launches', 'metrics_ms_100k', '≤ 100'),
    row('ms of its longest statement', 'metrics_longest_statement_ms_100k', ''),
    row('ms until the answer is there', 'metrics_answer_ms_100k', ''),
    row('ms to renew 10,000 leases', 'renew_ms_10000', '≤ 500'),
    row('KB of an idle reader above a bare one', 'idle_reader_kb', '≤ 20'),
    row('µs of an append to a log of 100', 'append_us_at_100', ''),
    row('µs of an append to a log of 10,000', 'append_us_at_10000', 'as at 100'),
  ]);
}

function cpu({ cpu: byName, plan }: BenchFindings): string {
  const rows = Object.entries(byName).map(([name, found]) => `| ${name} | ${text(found)} | ${found.runs} |`);
  const { readers } = plan.cpu;
  return `${table('| server | µs of CPU for a delivery | rounds |', rows)}\n\n${readers} readers for ours and the bare loops, ${plan.rivals.readers} for the others; 100 lines a second, each a write of its own.`;
}

function latency({ latencies }: BenchFindings): string {
  const rows = latencies.map(
    ({ name, readers, perSecond, p50Ms, p99Ms, delivered }) =>
      `| ${name} | ${readers} | ${perSecond} | ${text(p50Ms)} | ${text(p99Ms)} | ${rounded(delivered * 100)} % |`,
  );
  return table('| server | readers | lines a second | p50 ms | p99 ms | delivered |', rows);
}

function memory({ idle }: BenchFindings): string {
  const rows = (['sse', 'bareSse', 'trpc', 'bareWebSocket'] as const).map((name) => {
    return `| ${name} | ${rounded(idle[name].liveKb)} |`;
  });
  return `${table('| idle reader | live KB |', rows)}\n\n${idle.readers} readers.`;
}

function rest(findings: BenchFindings): string {
  const { appendsPerSecond, replayMs, redisCommandsPerDelivery, appendMicros } = findings;
  return table('| | |', [
    `| entries appended a second by one writer | ${appendsPerSecond} |`,
    `| µs of one append, log of 100 | ${text(appendMicros[100])} |`,
    `| µs of one append, log of 10,000 | ${text(appendMicros[10_000])} |`,
    `| ms to replay 10,000 entries, SSE | ${rounded(replayMs.sse)} |`,
    `| ms to replay 10,000 entries, tRPC | ${rounded(replayMs.trpc)} |`,
    `| Redis commands for a delivered entry | ${rounded(redisCommandsPerDelivery)} |`,
  ]);
}

function text({ median, min, max }: Summary): string {
  return min === max ? String(median) : `${median} (${min}–${max})`;
}

function table(head: string, rows: readonly string[]): string {
  return [head, head.replace(/[^|]+/g, '---'), ...rows].join('\n');
}
