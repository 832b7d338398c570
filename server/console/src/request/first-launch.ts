/** What an example launches. */
export const FIRST_LAUNCH = {
  provider: 'aws',
  region: 'us-west-2',
  gpu: 'A100',
  model: 'meta-llama/Llama-2-7b-chat-hf',
};
