import type { FailureReason } from '@launchlog/shared/node';

/** Returns why a cloud refused, according to its own words; undefined if they do not explain it. */
export function reasonOfCloudWords(text: string): FailureReason | undefined {
  return CLOUD_WORDS.find(({ words }) => words.test(text))?.reason;
}

/** Returns what a person would try: for this very refusal if it is known, otherwise for its reason. */
export function hintOfCloudWords(text: string): string | undefined {
  const reason = reasonOfCloudWords(text);
  return HINTS.find(({ words }) => words.test(text))?.hint ?? (reason && BY_REASON[reason]);
}

/** The cloud limits the rate of calls. This is neither a lack of machines nor a limit on their number. */
export const THROTTLED =
  /RequestLimitExceeded|Throttling|\bthrottled\b|Too ?Many ?Requests|rate[- _]?limit ?exceeded|rate exceeded|Quota exceeded for quota metric '[^']{0,80}(?:quer|request)/i;
export const NO_IMAGE =
  /ErrImagePull|ImagePullBackOff|InvalidImageName|manifest (?:unknown|for \S{1,200} not found)|pull access denied|failed to pull (?:and unpack )?image|Back-off pulling image/i;
const EXPIRED =
  /ExpiredToken|RequestExpired|RefreshError|Reauthentication|(?:token|session|credentials?|keys?)\b.{0,60}\bexpired/i;

const NO_FUNDS =
  /(?:insufficient|not enough|too low|negative|no)\b.{0,30}\b(?:funds?|balance|credits?)\b|\b(?:funds?|balance|credits?)\b.{0,30}\b(?:insufficient|too low|negative|exhausted)|(?:add|billing).{0,20}\bfunds\b|PaymentRequired|402 Payment/i;

const HINTS: readonly { readonly hint: string; readonly words: RegExp }[] = [
  {
    words: THROTTLED,
    hint: 'The cloud limits how often it is asked: launch again in a few minutes, and fewer at once.',
  },
  { words: NO_IMAGE, hint: 'Check the name and tag of the image, and the credentials for its registry.' },
  { words: NO_FUNDS, hint: 'Add funds to the account at the provider.' },
  { words: EXPIRED, hint: "Renew the cloud's credentials where SkyPilot runs, and run `sky check`." },
];

const BY_REASON: Readonly<Partial<Record<FailureReason, string>>> = {
  quota: 'Ask the provider for a higher quota, or take another region, GPU or provider.',
  no_capacity: 'Launch again later, or allow other regions, GPUs or providers.',
  credentials: 'Check the credentials of the provider where SkyPilot runs: `sky check`.',
};

/**
 * Throttling mentions limits, and images are pulled by machines that are there, so both come first. Quota comes before
 * capacity: clouds mention capacity when they explain a quota, but not the reverse.
 */
const CLOUD_WORDS: readonly { readonly reason: FailureReason; readonly words: RegExp }[] = [
  { reason: 'unknown', words: THROTTLED },
  { reason: 'setup_failed', words: NO_IMAGE },
  { reason: 'credentials', words: EXPIRED },
  {
    reason: 'credentials',
    words:
      /(?:no|(?:unable|failed) to (?:locate|find|load)|missing|invalid|incorrect|validate .{0,40}) credentials|(?:token|api[- _]?key|credentials?)\b.{0,60}\b(?:invalid|revoked|incorrect)|\bUnauthorized\b|NotAuth(?:enticated|orized)|(?:Authentication|Authorization) ?(?:failed|Error)|AADSTS\d{4,7}|PERMISSION_DENIED|AccessDenied|Required '[^']{1,100}' permission|is forbidden: User|cannot create resource|API has not been used in project|SERVICE_DISABLED|OptInRequired|UnrecognizedClient|invalid cloud credentials|InvalidCloudCredentials|\bAuthFailure\b|UnauthorizedOperation|InvalidClientTokenId|SignatureDoesNotMatch|not authorized to perform|invalid[- ]api[- ]key|AuthorizationFailed|InvalidAuthenticationToken|\b401\b.{0,20}unauthorized|unauthenticated|credentials? (?:are|is|has|have) (?:not|expired|invalid)|access is not set up|in IAM\b|which is not enabled/i,
  },
  { reason: 'quota', words: NO_FUNDS },
  {
    reason: 'quota',
    words:
      /(?<!rate|request)\s?Limit ?Exceeded|\blimits?\b.{0,30}\b(?:were|was|been|is|are) (?:exceeded|reached)|exceed\w{0,3}\b.{0,40}\blimits?\b|maximum number of .{1,40}reached|QuotaFailure|\bno quota\b|quota[- _]?(?:exceeded|limit)|(?:exceed\w{0,4}|insufficient|out of)\b.{0,60}\bquotas?\b|\bquotas?\b.{0,60}\b(?:exceeded|reached|insufficient)|QuotaExceeded|VcpuLimitExceeded|MaxSpotInstanceCountExceeded|(?:Instance|vCPU|Resource)[- ]?LimitExceeded|reached (?:your|the) (?:instance|account|gpu) limit/i,
  },
  {
    reason: 'no_capacity',
    words:
      /(?:currently|temporarily) (?:unavailable|not available)|(?:not enough|insufficient|out of|does not have the|lacks?) (?:resources|host capacity)|NotEnoughResources|not supported in your requested Availability Zone|no (?:available|suitable|matching) (?:machine|instance|node|host|offer|gpu)|no_such_ask|(?:machine|instance|offer)s?\b.{0,60}\b(?:is|are) (?:not|no longer) available|insufficient[- ]?(?:instance[- ]?)?capacity|InsufficientInstanceCapacity|InsufficientHostCapacity|(?:not enough|no|sufficient|out of|lacks?) [\w.-]{0,40} ?(?:capacity|stock)\b|RESOURCE_POOL_EXHAUSTED|stock-?out|(?:does not|doesn't|do not) (?:currently )?have (?:enough|sufficient)|SkuNotAvailable|AllocationFailed|OverconstrainedAllocation|capacity[- ](?:is )?(?:not[- ])?(?:un)?available|no longer any instances available|no (?:instances|resources|machines|gpus?|offers?) (?:are )?(?:currently )?available|Insufficient (?:nvidia|gpu|cpu|memory)|SpotMaxPriceTooLow|Failed to acquire resources/i,
  },
];
