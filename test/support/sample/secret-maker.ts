import { SimulatedRandom } from '@launchlog/server/orchestrator/simulated/random';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const WORD = LOWER + UPPER + DIGITS;
const HEX = `${DIGITS}abcdef`;
const URL_SAFE = `${WORD}-_`;

type Draw = (alphabet: string, length: number) => string;

/** Secrets have no place in a repository, not even false ones: these are made when a test runs, always the same. */
const RECIPES = {
  'AWS access key id': (draw: Draw) => `AKIA${draw(`${UPPER}234567`, 16)}`,
  'AWS session key id': (draw: Draw) => `ASIA${draw(`${UPPER}234567`, 16)}`,
  'Google API key': (draw: Draw) => `AIza${draw(URL_SAFE, 35)}`,
  'Google access token': (draw: Draw) => `ya29.${draw(URL_SAFE, 60)}`,
  'Google client secret': (draw: Draw) => `GOCSPX-${draw(URL_SAFE, 28)}`,
  'Azure client secret': (draw: Draw) => `${draw(WORD, 3)}8Q~${draw(WORD, 34)}`,
  'Hugging Face token': (draw: Draw) => `hf_${draw(WORD, 34)}`,
  'OpenAI key': (draw: Draw) => `sk-${draw(WORD, 48)}`,
  'OpenAI project key': (draw: Draw) => `sk-proj-${draw(URL_SAFE, 80)}`,
  'Anthropic key': (draw: Draw) => `sk-ant-api03-${draw(URL_SAFE, 90)}`,
  'Stripe key': (draw: Draw) => `sk_live_${draw(WORD, 24)}`,
  'GitHub token': (draw: Draw) => `ghp_${draw(WORD, 36)}`,
  'GitHub fine-grained token': (draw: Draw) => `github_pat_${draw(WORD, 22)}_${draw(WORD, 59)}`,
  'GitLab token': (draw: Draw) => `glpat-${draw(URL_SAFE, 20)}`,
  'Slack token': (draw: Draw) => `xoxb-${draw(DIGITS, 12)}-${draw(DIGITS, 12)}-${draw(WORD, 24)}`,
  'RunPod key': (draw: Draw) => `rpa_${draw(UPPER + DIGITS, 40)}`,
  'Lambda key': (draw: Draw) => `secret_${draw(LOWER, 8)}_${draw(HEX, 32)}.${draw(WORD, 32)}`,
  'NVIDIA key': (draw: Draw) => `nvapi-${draw(URL_SAFE, 64)}`,
  'Docker token': (draw: Draw) => `dckr_pat_${draw(URL_SAFE, 27)}`,
  'npm token': (draw: Draw) => `npm_${draw(WORD, 36)}`,
  'PyPI token': (draw: Draw) => `pypi-AgEIcHlwaS5vcmc${draw(URL_SAFE, 100)}`,
  'DigitalOcean token': (draw: Draw) => `dop_v1_${draw(HEX, 64)}`,
  'Vault token': (draw: Draw) => `hvs.${draw(URL_SAFE, 90)}`,
  'JSON web token': (draw: Draw) => `eyJ${draw(WORD, 33)}.eyJ${draw(WORD, 60)}.${draw(URL_SAFE, 43)}`,
  'SkyPilot service-account token': (draw: Draw) =>
    `sky_eyJ${draw(WORD, 33)}.eyJ${draw(WORD, 60)}.${draw(URL_SAFE, 43)}`,
  'token of ours': (draw: Draw) => `llt_${draw(URL_SAFE, 43)}`,
  'signing key of ours': (draw: Draw) => `whsec_${draw(`${WORD}+/`, 43)}=`,
  'Discord webhook': (draw: Draw) =>
    `https://discord.com/api/webhooks/${draw(DIGITS, 19)}/${draw(URL_SAFE, 68)}`,
  'Slack webhook': (draw: Draw) =>
    `https://hooks.slack.com/services/T${draw(UPPER, 8)}/B${draw(UPPER, 10)}/${draw(WORD, 24)}`,
  'Slack workflow': (draw: Draw) =>
    `https://hooks.slack.com/triggers/T${draw(UPPER, 8)}/${draw(DIGITS, 13)}/${draw(WORD, 32)}`,
  'Teams webhook': (draw: Draw) =>
    `https://contoso.webhook.office.com/webhookb2/1${draw(HEX, 35)}/IncomingWebhook/2${draw(HEX, 31)}`,
  'webhook of anybody': (draw: Draw) => `https://automation.example.org/api/hook/9${draw(WORD, 30)}`,
  'Telegram token': (draw: Draw) => `${draw('123456789', 10)}:AA${draw(URL_SAFE, 32)}a`,
  'Twilio key': (draw: Draw) => `SK${draw(HEX, 32)}`,
  'Mailgun key': (draw: Draw) => `key-${draw(HEX, 32)}`,
  'Mailchimp key': (draw: Draw) => `${draw(HEX, 32)}-us12`,
  'SendGrid key': (draw: Draw) => `SG.${draw(URL_SAFE, 22)}.${draw(URL_SAFE, 43)}`,
  'Groq key': (draw: Draw) => `gsk_${draw(WORD, 52)}`,
  'xAI key': (draw: Draw) => `xai-${draw(WORD, 80)}`,
  'Perplexity key': (draw: Draw) => `pplx-${draw(WORD, 48)}`,
  'Replicate token': (draw: Draw) => `r8_${draw(WORD, 37)}`,
  'Fireworks key': (draw: Draw) => `fw_${draw(WORD, 24)}`,
  'LangSmith key': (draw: Draw) => `lsv2_pt_${draw(HEX, 32)}_${draw(HEX, 10)}`,
  'Weights & Biases key': (draw: Draw) => `wandb_v1_${draw(WORD, 40)}`,
  'Together key': (draw: Draw) => `tgp_v1_${draw(URL_SAFE, 43)}`,
  'GitLab runner token': (draw: Draw) => `glrt-${draw(URL_SAFE, 20)}`,
  'GitLab deploy token': (draw: Draw) => `gldt-${draw(URL_SAFE, 20)}`,
  'RubyGems key': (draw: Draw) => `rubygems_${draw(HEX, 48)}`,
  'Sentry token': (draw: Draw) => `sntryu_${draw(HEX, 64)}`,
  'Sourcegraph token': (draw: Draw) => `sgp_${draw(HEX, 40)}`,
  'Artifactory key': (draw: Draw) => `AKCp${draw(WORD, 69)}`,
  'Databricks token': (draw: Draw) => `dapi${draw(HEX, 32)}`,
  'Doppler token': (draw: Draw) => `dp.pt.${draw(WORD, 43)}`,
  'Pulumi token': (draw: Draw) => `pul-${draw(HEX, 40)}`,
  'PlanetScale token': (draw: Draw) => `pscale_tkn_${draw(WORD, 43)}`,
  'Supabase token': (draw: Draw) => `sbp_${draw(HEX, 40)}`,
  'Tailscale key': (draw: Draw) => `tskey-auth-${draw(WORD, 12)}-${draw(WORD, 32)}`,
  'Grafana token': (draw: Draw) => `glsa_${draw(WORD, 32)}_${draw(HEX, 8)}`,
  'New Relic key': (draw: Draw) => `NRAK-${draw(UPPER + DIGITS, 27)}`,
  'Terraform token': (draw: Draw) => `${draw(WORD, 14)}.atlasv1.${draw(URL_SAFE, 67)}`,
  'Shopify token': (draw: Draw) => `shpat_${draw(HEX, 32)}`,
  'Square token': (draw: Draw) => `sq0atp-${draw(URL_SAFE, 22)}`,
  'Linear key': (draw: Draw) => `lin_api_${draw(WORD, 40)}`,
  'Notion token': (draw: Draw) => `ntn_${draw(WORD, 46)}`,
  'Atlassian token': (draw: Draw) => `ATATT3${draw(WORD, 186)}`,
  'Airtable token': (draw: Draw) => `pat${draw(WORD, 14)}.${draw(HEX, 64)}`,
  'Postman key': (draw: Draw) => `PMAK-${draw(HEX, 24)}-${draw(HEX, 34)}`,
  'age key': (draw: Draw) => `AGE-SECRET-KEY-1${draw(UPPER + DIGITS, 58)}`,
  'Teams webhook of a tenant': (draw: Draw) =>
    `https://contoso.webhook.office.com/webhookb2/${draw(HEX, 36)}@${draw(HEX, 36)}/IncomingWebhook/${draw(HEX, 32)}/${draw(HEX, 36)}`,
  'Cloudflare origin key': (draw: Draw) => `v1.0-${draw(HEX, 24)}-${draw(HEX, 146)}`,
  'Fly token': (draw: Draw) => `fo1_${draw(URL_SAFE, 42)}a`,
  'Alibaba key id': (draw: Draw) => `LTAI${draw(WORD, 20)}`,
  'Yandex IAM token': (draw: Draw) => `t1.${draw(WORD, 20)}.${draw(WORD, 86)}`,
  'Yandex API key': (draw: Draw) => `AQVN${draw(WORD, 36)}`,
  'Bedrock key': (draw: Draw) => `ABSK${draw(WORD, 109)}`,
  'Bedrock short-lived key': (draw: Draw) => `bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t${draw(WORD, 60)}`,
  'OpenShift token': (draw: Draw) => `sha256~${draw(URL_SAFE, 42)}a`,
  'Scalingo token': (draw: Draw) => `tk-us-${draw(URL_SAFE, 47)}a`,
  'Prefect key': (draw: Draw) => `pnu_${draw(WORD, 36)}`,
  'Modal key id': (draw: Draw) => `ak-${draw(WORD, 22)}`,
  'Modal key': (draw: Draw) => `as-${draw(WORD, 22)}`,
  'Vercel token': (draw: Draw) => `vercel_blob_rw_${draw(WORD, 16)}_${draw(WORD, 30)}`,
  'Harness token': (draw: Draw) => `pat.${draw(WORD, 22)}.${draw(HEX, 24)}.${draw(WORD, 20)}`,
  'Infracost key': (draw: Draw) => `ico-${draw(WORD, 32)}`,
  'ReadMe key': (draw: Draw) => `rdme_${draw(LOWER + DIGITS, 70)}`,
  'Clojars token': (draw: Draw) => `CLOJARS_${draw(LOWER + DIGITS, 60)}`,
  'Artifactory reference token': (draw: Draw) => `cmVmd${draw(WORD, 59)}`,
  'Octopus key': (draw: Draw) => `API-${draw(UPPER + DIGITS, 26)}`,
  'SettleMint token': (draw: Draw) => `sm_pat_${draw(WORD, 16)}`,
  '42 secret': (draw: Draw) => `s-s4t2ud-${draw(HEX, 64)}`,
  'Pinecone key': (draw: Draw) => `pcsk_${draw(WORD, 6)}_${draw(WORD, 63)}`,
  'Dynatrace token': (draw: Draw) => `dt0c01.${draw(UPPER, 24)}.${draw(UPPER, 64)}`,
  'New Relic insert key': (draw: Draw) => `NRII-${draw(WORD, 32)}`,
  'MaxMind key': (draw: Draw) => `${draw(WORD, 6)}_${draw(WORD, 29)}_mmk`,
  'Mapbox token': (draw: Draw) => `pk.${draw(LOWER + DIGITS, 60)}.${draw(LOWER + DIGITS, 22)}`,
  'Brevo key': (draw: Draw) => `xkeysib-${draw(HEX, 64)}-${draw(WORD, 16)}`,
  'Resend key': (draw: Draw) => `re_${draw(WORD, 8)}_${draw(WORD, 24)}`,
  'Typeform token': (draw: Draw) => `tfp_${draw(WORD, 59)}`,
  'Facebook token': (draw: Draw) => `EAAM${draw(WORD, 110)}`,
  'Stripe restricted key': (draw: Draw) => `rk_prod_${draw(WORD, 30)}`,
  'EasyPost key': (draw: Draw) => `EZAK${draw(WORD, 54)}`,
  'Shippo token': (draw: Draw) => `shippo_live_${draw(HEX, 40)}`,
  'Duffel token': (draw: Draw) => `duffel_live_${draw(WORD, 43)}`,
  'Flutterwave key': (draw: Draw) => `FLWSECK_TEST-${draw(HEX, 32)}-X`,
  'Frame.io token': (draw: Draw) => `fio-u-${draw(WORD, 64)}`,
} as const;

type SecretKind = keyof typeof RECIPES;

export class SecretMaker {
  readonly kinds = Object.keys(RECIPES) as SecretKind[];
  readonly #random: SimulatedRandom;

  constructor(seed: string) {
    this.#random = new SimulatedRandom(seed);
  }

  make(kind: SecretKind): string {
    return RECIPES[kind](this.#draw);
  }

  privateKey(): { begin: string; body: string[]; end: string } {
    const body = Array.from({ length: 12 }, () => this.#draw(`${WORD}+/`, 64));
    return {
      begin: '-----BEGIN OPENSSH PRIVATE KEY-----',
      body: [...body, `${this.#draw(WORD, 21)}==`],
      end: '-----END OPENSSH PRIVATE KEY-----',
    };
  }

  readonly #draw: Draw = (alphabet, length) =>
    Array.from({ length }, () => alphabet[this.#random.whole(0, alphabet.length - 1)]).join('');
}
