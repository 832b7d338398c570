import type { FailureReason } from '@launchlog/shared/node';
import { cutUnredacted } from '../../redaction/cut-mark.js';
import { PrivateKeyBlock } from '../../redaction/private-key-block.js';
import { hintOfCloudWords, NO_IMAGE, reasonOfCloudWords, THROTTLED } from '../output/cloud-refusal.js';
import { onlyReports } from '../output/error-block.js';
import { SetupCauseReader } from '../output/setup-cause-reader.js';
import { plainText } from '../output/terminal-text.js';
import type { SkypilotFailure } from './request-record.js';

const SENTENCE_MAX_CHARACTERS = 500;
/** Lines of SkyPilot's explanation that are shown in addition to the first. */
const REASON_LINES_MAX = 40;

interface LaunchFailure {
  readonly reason: FailureReason;
  /** The first line of SkyPilot's own explanation, or what the command printed whose end it reports. */
  readonly message: string;
  /** What a person would try, if that is known. */
  readonly hint?: string;
  /** Lines of the explanation that the message does not repeat. */
  readonly rest: readonly string[];
}

/** Translates SkyPilot's exception into the failure of a launch. */
export function launchFailureOf(failure: SkypilotFailure): LaunchFailure {
  // The lines are logged one by one, so a key that spans several of them must be masked here.
  const key = new PrivateKeyBlock();
  const lines = failure.message
    .split(/\r\n|\n|\r/)
    .map((line) => key.mask(plainText(line)))
    .filter((line) => line.trim() !== '');
  const [first = `SkyPilot failed with ${failure.type} without a message`, ...rest] = lines;
  const printed = printedProblem(first, rest);
  const hint = printed?.hint ?? hintOfCloudWords(lines.join('\n'));
  const named = NAME_NEEDED.test(failure.type) ? `${failure.type}: ${first}` : first;
  return {
    reason: reasonOf(failure.type, lines.join('\n')),
    message: cutUnredacted(printed?.message ?? named, SENTENCE_MAX_CHARACTERS),
    ...(hint !== undefined && { hint }),
    rest: (printed === undefined ? rest : lines).slice(0, REASON_LINES_MAX),
  };
}

const HEADING = /^={3,} \w{1,20} ={3,}$/;
/** Exceptions of Python itself, whose messages are no sentences. */
const NAME_NEEDED =
  /^(?:Assertion|Attribute|FileNotFound|Import|Index|Key|ModuleNotFound|Name|Permission|Type)Error$/;

/**
 * SkyPilot often only reports that a command failed: `Command … failed with return code 1.`, its own sentence, and then what the
 * command printed.
 */
function printedProblem(first: string, rest: readonly string[]) {
  if (!onlyReports(first)) return undefined;
  const isCommand = first.startsWith('Command ');
  const printed = (isCommand ? rest.slice(1) : rest).filter((line) => !HEADING.test(line));
  const reader = new SetupCauseReader();
  for (const line of printed) reader.read(line);
  const message = reader.problem?.message ?? printed.at(-1);
  if (message === undefined) return undefined;
  const tried = isCommand ? (rest[0] ?? first) : first.replace(/\s*Error: ={3,}.*$/, '');
  return { message: `${message} (${tried})`, hint: reader.problem?.hint };
}

/** The first match counts: `ResourcesUnavailableError` covers disabled clouds, unknown GPUs and missing capacity. */
const REASONS: readonly { readonly reason: FailureReason; readonly type?: RegExp; readonly text?: RegExp }[] =
  [
    {
      reason: 'credentials',
      type: /^(NoCloudAccessError|InvalidCloudCredentials|CloudUserIdentityError|PermissionDeniedError)$/,
    },
    {
      reason: 'credentials',
      text: /requires \S+ which is not enabled|invalid cloud credentials|run: sky check/i,
    },
    // The cluster has disappeared: it was preempted or removed.
    { reason: 'interrupted', type: /^(RequestInterruptedError|ClusterDoesNotExist|ClusterNotUpError)$/ },
    { reason: 'credentials', text: /ExpiredToken|RequestExpired|InvalidClientTokenId|\bAuthFailure\b/ },
    { reason: 'setup_failed', text: NO_IMAGE },
    { reason: 'unknown', text: THROTTLED },
    {
      reason: 'quota',
      text: /\bquota\b|limit ?exceeded|exceeded.{0,20}limit|insufficient (?:funds|balance)/i,
    },
    { reason: 'unknown', text: /Catalog\b.{0,60}does not contain|No resource satisfying/ },
    { reason: 'no_capacity', type: /^ResourcesUnavailableError$/ },
    {
      reason: 'setup_failed',
      text: /Failed to (run setup commands|SSH to|start ray|start skylet)|set up SkyPilot runtime/i,
    },
    { reason: 'setup_failed', type: /^(CommandError|ClusterSetUpError)$/ },
  ];

function reasonOf(type: string, text: string): FailureReason {
  const found = REASONS.find((rule) => (rule.type?.test(type) ?? true) && (rule.text?.test(text) ?? true));
  return found?.reason ?? reasonOfCloudWords(text) ?? 'unknown';
}
