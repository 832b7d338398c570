import type { LogLevel } from '@launchlog/shared/log-entry';
import type { LaunchEvent } from '../launch-event.js';
import { reasonOfCloudWords } from './cloud-refusal.js';
import type { ParsedLine } from './parsed-line.js';
import { plainText } from './terminal-text.js';

/** Parses a line that SkyPilot 0.10 to 0.14 prints while it launches. An unknown line is text without a meaning. */
export function parseLaunchLine(raw: string): ParsedLine {
  const { level, text } = withoutPrefix(plainText(raw));
  const known = readRules(LINE_RULES, text);
  return { level, ...known, message: withoutDecoration(text) };
}

/** Parses the spinner's text, whose markup is removed. */
export function parseSpinner(raw: string): ParsedLine {
  const message = withoutDecoration(plainText(raw).trim());
  return { level: 'info', ...readRules(SPINNER_RULES, message), message };
}

/** How far a launch is, by its output: an event about an earlier stage is not logged. */
export function launchStage(message: string): number {
  return STAGES.findLastIndex((pattern) => pattern.test(message));
}

/** The stages in the order of a launch, with the texts of its lines, its spinner and its events. */
const STAGES: readonly RegExp[] = [
  /^(?:Provisioning on |Launching (?:on |\())/,
  /^(?:Launching - |Instances launched on )/,
  /^(?:(?:Instances?|Pods?) (?:is|are) up|Preparing SkyPilot runtime|Setting up SkyPilot runtime)/,
  /^(?:Cluster launched|Cluster successfully provisioned|All nodes up)/,
  /^Sync(?:ing|ed) file/,
  /^(?:Setup detached|Running setup)/,
  /^(?:Submitting job|Job submitted)/,
];

/** Parses a line of SkyPilot's structured feed. It repeats the stream, and matters where the stream has no spinner. */
export function parseClusterEvent(raw: string): ParsedLine {
  const message = plainText(raw).trim();
  return { level: 'debug', ...readRules(CLUSTER_EVENT_RULES, message), message };
}

/** A failed offer shows in two lines: the cloud's own words, then SkyPilot's verdict. */
interface CloudWords {
  readonly kind: 'words' | 'verdict';
  readonly text: string;
}

/** Returns the cloud's words about a refused offer, or SkyPilot's verdict. */
export function readRefusal(raw: string): CloudWords | undefined {
  const text = plainText(raw);
  const verdict =
    /(?:Failed to acquire resources|Found no quota for|Failed to provision on cloud .* due to|No resource satisfying).*/.exec(
      text,
    );
  if (verdict !== null) return { kind: 'verdict', text: verdict[0].trim() };
  const { level, text: body } = withoutPrefix(text);
  const [, words] = /\berror: (.+)$/i.exec(body) ?? [];
  if (words !== undefined && level !== 'info') return { kind: 'words', text: words.trim() };
  return level !== 'info' && reasonOfCloudWords(body) ? { kind: 'words', text: body.trim() } : undefined;
}

/** `W 11-23 11:22:48.251 PID=17474 instance.py:125] text`: the logger's level, time and location. */
const LOGGER_PREFIX =
  /^\s*([DIWEC]) \d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: PID=\d+)? [\w./-]+:\d+\](?: |$)/;
const LOGGER_LEVELS: Readonly<Record<string, LogLevel>> = { D: 'debug', I: 'info', W: 'warn' };

/** `logged`: whether the line has the prefix. */
export function splitLoggerPrefix(text: string): { level: LogLevel; text: string; logged: boolean } {
  const match = LOGGER_PREFIX.exec(text);
  if (match === null) return { level: 'info', text, logged: false };
  const level = LOGGER_LEVELS[match[1] ?? ''] ?? 'error';
  return { level, text: text.slice(match[0].length), logged: true };
}

function withoutPrefix(text: string): { level: LogLevel; text: string } {
  const split = splitLoggerPrefix(text);
  if (split.logged) return split;
  if (/^\s*⨯/.test(text)) return { level: 'error', text };
  const warns = /^\s*↺|^(?:sky\.exceptions\.)?\w+(?:Error|Exception): |^WARNING\b/.test(text);
  return { level: warns ? 'warn' : /^(?:ERROR\b|Traceback )/.test(text) ? 'error' : 'info', text };
}

const GLYPHS = /^\s*(?:⚙︎?|✓|⨯|↺|├──|└──|│)\s*/u;
const LOG_HINT = /\s+(?:View logs|To view detailed progress): .*$/;

function withoutDecoration(text: string): string {
  const bare = text
    .replace(GLYPHS, '')
    .replace(LOG_HINT, '')
    .replace(/^sky\.exceptions\./, '');
  return bare.trimEnd();
}

interface SkypilotRule {
  readonly pattern: RegExp;
  readonly read: (match: RegExpExecArray) => Partial<ParsedLine>;
}

function readRules(rules: readonly SkypilotRule[], text: string): Partial<ParsedLine> | undefined {
  for (const { pattern, read } of rules) {
    const match = pattern.exec(text);
    if (match !== null) return read(match);
  }
  return undefined;
}

function step(kind: 'provisioning_step' | 'installing_step', fraction: number) {
  const event: LaunchEvent = { kind, fraction };
  return () => ({ event });
}

function offerTried(match: RegExpExecArray): Partial<ParsedLine> {
  const [, cloud = '', region, bracketed] = match;
  // The brackets hold a node pool if there is no region, and a zone otherwise.
  const offer = region === undefined ? { cloud, region: bracketed } : { cloud, region, zone: bracketed };
  const details = Object.fromEntries(
    Object.entries(offer).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return { event: { kind: 'offer_tried', offer }, details };
}

const LINE_RULES: readonly SkypilotRule[] = [
  // `Launching on AWS us-east-1 (us-east-1a).`, `Launching on Kubernetes.`, `Launching on SSH (pool).`
  { pattern: /^\s*(?:⚙︎? ?)?Launching on (\S+?)(?: ([^\s(]+?))?(?: \(([^)]*)\))?\.?$/u, read: offerTried },
  { pattern: /(?:Instances?|Pods?) (?:is|are) up\./, read: () => ({ event: { kind: 'instance_up' } }) },
  { pattern: /Docker container is up\./, read: step('installing_step', 0.05) },
  { pattern: /Cluster launched: /, read: step('installing_step', 0.4) },
  {
    pattern: /Syncing files\b|Synced (?:workdir|file_mounts)|Storage mounted/,
    read: step('installing_step', 0.45),
  },
  { pattern: /Setup detached|Running setup on \d/, read: step('installing_step', 0.45) },
  {
    pattern: /Job submitted, ID: (\d{1,15})/,
    read: (match) => ({
      event: { kind: 'installing_step', fraction: 0.5 },
      details: { job_id: Number(match[1]) },
    }),
  },
  {
    pattern: /Failed to set up SkyPilot runtime/,
    read: () => ({
      level: 'error',
      cause: {
        reason: 'setup_failed',
        message: "SkyPilot's runtime could not be set up on the instance.",
        // The exception says why.
        generic: true,
      },
    }),
  },
  { pattern: /Failed to provision (?:resources|all possible)/, read: () => ({ level: 'error' }) },
  { pattern: /cancelled by user|' request \S+ cancelled$/, read: () => ({ level: 'warn' }) },
];

const SPINNER_RULES: readonly SkypilotRule[] = [
  { pattern: /^Launching - Checking instance status/, read: step('provisioning_step', 0.4) },
  {
    pattern: /^Launching \(\d+ pod\(s\) pending|^Launching \(.*autoscaling/,
    read: step('provisioning_step', 0.4),
  },
  { pattern: /^Launching - Waiting for SSH access/, read: step('provisioning_step', 0.7) },
  { pattern: /^Launching - Initializing docker container/, read: step('installing_step', 0.02) },
  { pattern: /^(?:Launching - )?Preparing SkyPilot runtime(?: \((\d)\/(\d)[^)]*\))?/, read: runtimeStep },
  { pattern: /^Syncing files/, read: step('installing_step', 0.45) },
  { pattern: /^(?:Running setup|Submitting job)/, read: step('installing_step', 0.5) },
  {
    pattern: /^(?:Checking request|Waiting for '.*' request to be scheduled)/,
    read: () => ({ level: 'debug' }),
  },
];

function runtimeStep(match: RegExpExecArray): Partial<ParsedLine> {
  const [, at = '1', of = '3'] = match;
  return { event: { kind: 'installing_step', fraction: (0.4 * Number(at)) / (Number(of) + 1) } };
}

const CLUSTER_EVENT_RULES: readonly SkypilotRule[] = [
  { pattern: /^Instances launched on /, read: step('provisioning_step', 0.5) },
  { pattern: /^Launching \(/, read: step('provisioning_step', 0.4) },
  { pattern: /^Setting up SkyPilot runtime/, read: () => ({ event: { kind: 'instance_up' } }) },
  { pattern: /^Cluster successfully provisioned/, read: step('installing_step', 0.4) },
  { pattern: /^(?:Syncing file|Running setup commands)/, read: step('installing_step', 0.45) },
  { pattern: /^Provision failed/, read: () => ({ level: 'warn' }) },
];
