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

/** They print a script, a protocol or a file. */
const WITHOUT_FORMATS = new Set(['completion', 'completion-values', 'mcp', 'export']);

test('every command takes every form of output', () => {
  const program = createProgram({} as never, '0.0.0');
  const lacking = (command: Command, path: string): string[] => {
    if (command.commands.length > 0)
      return command.commands.flatMap((inner) => lacking(inner, `${path} ${inner.name()}`));
    const output = command.options.find(({ long }) => long === '--output');
    const flags = ['--json', '--quiet'].filter((flag) => !command.options.some(({ long }) => long === flag));
    const forms = ['table', 'wide', 'json', 'yaml', 'name'].filter(
      (form) => output?.argChoices?.includes(form) !== true,
    );
    return [...flags, ...forms].map((part) => `${path} ${part}`);
  };
  const found = program.commands
    .filter((command) => !WITHOUT_FORMATS.has(command.name()))
    .flatMap((command) => lacking(command, command.name()));
  // A log has lines, and no names.
  expect(found).toEqual(['logs --quiet', 'logs name']);
});
