import { VENDOR_TOKENS } from './vendor-tokens.js';

/** Prefixes of vendors' tokens, which are followed by one long word, with the least length of that. */
const PREFIXES: readonly (readonly [minCharacters: number, prefixes: string])[] = [
  // Models and experiments: Groq, xAI, Perplexity, Replicate, Fireworks, LangSmith, Weights & Biases, Together
  [24, 'gsk_ xai- pplx- r8_ fw_ lsv2_pt_ lsv2_sk_ wandb_v1_ tgp_v1_'],
  // Code and packages: GitLab, RubyGems, Postman's sibling keys, Sentry, Sourcegraph, Artifactory
  [20, 'glrt- gldt- glptt- glft- glsoat- glcbt- rubygems_ sntrys_ sntryu_ sgp_ AKCp'],
  // Infrastructure: Databricks, Doppler, Pulumi, PlanetScale, Supabase, Tailscale, Grafana, New Relic, Heroku, 1Password
  [
    24,
    'dp.pt. dp.st. pul- pscale_tkn_ pscale_pw_ pscale_oauth_ sbp_ tskey-auth- tskey-api- glsa_ glc_ NRAK- HRKU- ops_eyJ',
  ],
  // Business: Shopify, Square, Linear, Notion, Atlassian, Dropbox
  [20, 'shpat_ shpss_ shpca_ shppa_ sq0atp- sq0csp- lin_api_ ntn_ ATATT3 ATCTT3 ATBB'],
  [60, 'sl.'],
];

function prefixPattern(): RegExp {
  const alternatives = PREFIXES.flatMap(([min, prefixes]) =>
    prefixes.split(' ').map((prefix) => `${prefix.replaceAll('.', '\\.')}[\\w.=-]{${min},}`),
  );
  // Databricks: hexadecimal, so that `dapivot_…` is none.
  return new RegExp(`(?<![A-Za-z0-9])(?:dapi[a-f0-9]{32}|${alternatives.join('|')})`, 'g');
}

const PREFIXED = prefixPattern();

/** Tokens that are recognised anywhere. */
export const SECRET_TOKENS: readonly RegExp[] = [
  // A private key inside one line, as JSON prints it; the block may be incomplete.
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^]*?(?:-----END [A-Z0-9 ]{0,60}-----|$)/g,
  // AWS key ids
  /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g,
  // Google: API key, OAuth access token, client secret
  /AIza[\w-]{35}/g,
  /ya29\.[\w.-]{20,}/g,
  /GOCSPX-[\w-]{20,}/g,
  // Azure: client secret
  /(?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}/g,
  // Hugging Face
  /(?<![A-Za-z0-9])(?:hf_|api_org_)[A-Za-z0-9]{20,}/g,
  // OpenAI, Anthropic, OpenRouter, Stripe
  /(?<![A-Za-z0-9])sk-[\w-]{20,}/g,
  /(?<![A-Za-z0-9])[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g,
  // GitHub, GitLab
  /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{30,}/g,
  /github_pat_\w{22,}/g,
  /(?<![A-Za-z0-9])glpat-[\w-]{20,}/g,
  // Slack
  /(?<![A-Za-z0-9])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}/g,
  /(?<=hooks\.slack\.com\/services\/)[A-Za-z0-9/]{20,}/g,
  // GPU clouds and registries: RunPod, Lambda, NVIDIA, Docker, npm, PyPI, DigitalOcean, Vault, SendGrid
  /(?<![A-Za-z0-9])rpa_[A-Z0-9]{32,}/g,
  /(?<![A-Za-z0-9])secret_[a-z0-9]{1,64}_[a-f0-9]{16,64}\.[A-Za-z0-9]{20,}/g,
  /(?<![A-Za-z0-9])nvapi-[\w-]{40,}/g,
  /dckr_pat_[\w-]{20,}/g,
  /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/g,
  /pypi-AgE[\w-]{50,}/g,
  /do[opr]_v1_[a-f0-9]{64}/g,
  /(?<![A-Za-z0-9])hv[bs]\.[\w-]{24,}/g,
  /(?<![A-Za-z0-9])SG\.[\w-]{16,32}\.[\w-]{16,64}/g,
  // Our own tokens and signing keys
  /(?<![A-Za-z0-9])llt_[\w-]{20,}/g,
  /(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/]{20,}={0,2}/g,
  // Webhook URLs: Discord, Slack workflows
  /(?<=discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/)\d{1,24}\/[\w-]{20,}/g,
  /(?<=hooks\.slack\.com\/(?:workflows|triggers)\/)[A-Za-z0-9/]{20,}/g,
  // Teams: its address holds two ids with an `@` between them, and the secret
  /(?<=\.webhook\.office\.com\/webhookb2\/)[\w@/-]{36,300}/g,
  // Chat and mail: Telegram, Twilio, Mailgun, Mailchimp
  /(?<![A-Za-z0-9])\d{8,10}:AA[\w-]{33}(?![\w-])/g,
  /(?<![A-Za-z0-9])SK[a-f0-9]{32}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])key-[a-f0-9]{32}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])[a-f0-9]{32}-us\d{1,2}(?![A-Za-z0-9])/g,
  PREFIXED,
  VENDOR_TOKENS,
  /AGE-SECRET-KEY-1[A-Z0-9]{58}/g,
  /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}/g,
  /(?<![A-Za-z0-9])pat[A-Za-z0-9]{14}\.[a-f0-9]{64}/g,
  /(?<![A-Za-z0-9])PMAK-[a-f0-9]{24}-[a-f0-9]{34}/g,
  // JSON web tokens, also SkyPilot's service-account form. A header is short, and ends where another may begin: otherwise a
  // line of beginnings takes seconds.
  /(?:sky_)?(?<![A-Za-z0-9])eyJ(?:[A-Za-z0-9]|[-_](?!eyJ)){8,512}\.[\w-]{8,}(?:\.[\w-]*){0,3}/g,
];
