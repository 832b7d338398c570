/**
 * Tokens of vendors by their whole shape, with exact lengths, so that words with the same beginning stay. The shapes are facts from the
 * rules of gitleaks and the vendors' own pages. Every quantifier has a bound.
 */
const SHAPES: readonly string[] = [
  // Clouds: Cloudflare's origin CA, Fly, Alibaba, Yandex, Amazon Bedrock, OpenShift, Scalingo, Prefect, Modal, Vercel
  'v1\\.0-[a-f0-9]{24}-[a-f0-9]{146}',
  'fo1_[\\w-]{43}',
  'LTAI[A-Za-z0-9]{20}',
  't1\\.[\\w-]{1,64}={0,2}\\.[\\w-]{86}',
  'AQVN[\\w-]{35,38}',
  'ABSK[A-Za-z0-9+/]{109,269}',
  'bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/]{0,2048}',
  'sha256~[\\w-]{43}',
  'tk-us-[\\w-]{48}',
  'pnu_[A-Za-z0-9]{36}',
  'a[ks]-[A-Za-z0-9]{22}',
  'vercel_blob_rw_[A-Za-z0-9]{16}_[A-Za-z0-9]{30}',
  // Development: Harness, Infracost, ReadMe, Clojars, Artifactory, Octopus, SettleMint, 42
  'pat\\.[\\w-]{22}\\.[a-f0-9]{24}\\.[A-Za-z0-9]{20}',
  'ico-[A-Za-z0-9]{32}',
  'rdme_[a-z0-9]{70}',
  'CLOJARS_[a-z0-9]{60}',
  'cmVmd[A-Za-z0-9]{59}',
  'API-[A-Z0-9]{26}',
  'sm_(?:pat|aat)_[A-Za-z0-9]{16}',
  's-s4t2(?:ud|af)-[a-f0-9]{64}',
  // Data and watching: Pinecone, Dynatrace, New Relic, MaxMind, Mapbox
  'pcsk_[A-Za-z0-9]{5,8}_[A-Za-z0-9]{60,70}',
  'dt0[a-z]\\d{2}\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}',
  'NRII-[\\w-]{32}',
  '[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk',
  'pk\\.[a-z0-9]{60}\\.[a-z0-9]{22}',
  // Business: Brevo, Resend, Typeform, Facebook, Stripe, EasyPost, Shippo, Duffel, Flutterwave, Frame.io
  'xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}',
  're_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}',
  'tfp_[\\w.=-]{59}',
  'EAA[MC][A-Za-z0-9]{100,400}',
  '[rs]k_prod_[A-Za-z0-9]{10,99}',
  'EZ[AT]K[A-Za-z0-9]{54}',
  'shippo_(?:live|test)_[a-f0-9]{40}',
  'duffel_(?:live|test)_[\\w=-]{43}',
  'FLWSECK(?:_TEST)?-[A-Za-z0-9]{32}-X',
  'fio-u-[\\w=-]{64}',
];

export const VENDOR_TOKENS = new RegExp(`(?<![A-Za-z0-9])(?:${SHAPES.join('|')})(?![A-Za-z0-9])`, 'g');
