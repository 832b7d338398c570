/** Suggestions while typing. Any value that the schema accepts can be typed. */
export const MODEL_SUGGESTIONS = [
  'meta-llama/Llama-2-7b-chat-hf',
  'meta-llama/Llama-3.1-8B-Instruct',
  'meta-llama/Llama-3.3-70B-Instruct',
  'mistralai/Mistral-7B-Instruct-v0.3',
  'Qwen/Qwen2.5-7B-Instruct',
  'facebook/opt-125m',
] as const;
