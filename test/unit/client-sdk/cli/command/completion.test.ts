import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { flagValues } from '@launchlog/sdk/cli/command/completion/flag-values';
import { createProgram } from '@launchlog/sdk/cli/program';

/** Numbers, texts, addresses and names that are new: nobody but the person knows them. */
const FREE =
  /^--(?:url|actor|any-of|created-by|cursor|disk|env|exclude|gpu-count|gpu-memory-utilization|grep|highlight|idempotency-key|image|label|limit|max-hourly-cost|node-id|of|ready-path|ready-port|ready-text|relaunches-per-hour|rename|search|streamer-concurrency|streamer-memory-limit|target|tensor-parallel|vllm-args|vllm-index|vllm-version)$/;

test('the values of every flag are known to completion, but for those that are free', () => {
  const program = createProgram({} as never, '0.0.0');
  const flagsOf = (command: Command, top = command.name()): string[] => [
    ...command.options
      .filter((option) => option.required)
      .filter(({ long, argChoices = [] }) => flagValues(top, long ?? '', argChoices).kind === 'free')
      .map(({ long }) => long ?? ''),
    ...command.commands.flatMap((inner) => flagsOf(inner, top)),
  ];
  const free = program.commands.flatMap((command) => flagsOf(command));
  expect(new Set(free.filter((flag) => !FREE.test(flag)))).toEqual(new Set());
});
