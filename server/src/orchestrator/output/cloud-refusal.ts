import type { FailureReason } from '@launchlog/shared/node';

/** Returns why a cloud refused, according to its own words; undefined if they do not explain it. */
export function reasonOfCloudWords(text: string): FailureReason | undefined {
  return CLOUD_WORDS.find(({ words }) => words.test(text))?.reason;
}

/** Quota comes before capacity: clouds mention capacity when they explain a quota, but not the reverse. */
const CLOUD_WORDS: readonly { readonly reason: FailureReason; readonly words: RegExp }[] = [
  {
    reason: 'credentials',
    words:
      /invalid cloud credentials|InvalidCloudCredentials|\bAuthFailure\b|UnauthorizedOperation|InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken|RequestExpired|not authorized to perform|invalid[- ]api[- ]key|AuthorizationFailed|InvalidAuthenticationToken|\b401\b.{0,20}unauthorized|unauthenticated|credentials? (?:are|is|has|have) (?:not|expired|invalid)|access is not set up|which is not enabled/i,
  },
  {
    reason: 'quota',
    words:
      /\bno quota\b|quota[- _]?(?:exceeded|limit)|(?:exceed\w{0,4}|insufficient|out of)\b.{0,60}\bquotas?\b|\bquotas?\b.{0,60}\b(?:exceeded|reached|insufficient)|QuotaExceeded|VcpuLimitExceeded|MaxSpotInstanceCountExceeded|(?:Instance|vCPU|Resource)[- ]?LimitExceeded|reached (?:your|the) (?:instance|account|gpu) limit/i,
  },
  {
    reason: 'no_capacity',
    words:
      /insufficient[- ]?(?:instance[- ]?)?capacity|InsufficientInstanceCapacity|InsufficientHostCapacity|(?:not enough|no|sufficient|out of|lacks?) [\w.-]{0,40} ?(?:capacity|stock)\b|RESOURCE_POOL_EXHAUSTED|stock-?out|(?:does not|doesn't|do not) (?:currently )?have (?:enough|sufficient)|SkuNotAvailable|AllocationFailed|OverconstrainedAllocation|capacity[- ](?:is )?(?:not[- ])?(?:un)?available|no longer any instances available|no (?:instances|resources|machines|gpus?|offers?) (?:are )?(?:currently )?available|Insufficient (?:nvidia|gpu|cpu|memory)|SpotMaxPriceTooLow|Failed to acquire resources/i,
  },
];
