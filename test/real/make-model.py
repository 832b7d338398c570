"""Makes a tiny Llama with several shards and a tokenizer of its own, in the folder that is named."""
import os
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

folder = sys.argv[1]
draft = folder + '.new'
tokenizer = Tokenizer(models.BPE(unk_token='<unk>'))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(
    vocab_size=600,
    special_tokens=['<unk>', '<s>', '</s>', '<pad>'],
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
)
tokenizer.train_from_iterator([open(os.__file__, encoding='utf-8').read()], trainer)
words = PreTrainedTokenizerFast(
    tokenizer_object=tokenizer, unk_token='<unk>', bos_token='<s>', eos_token='</s>', pad_token='<pad>'
)
words.chat_template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"
torch.manual_seed(1)
model = LlamaForCausalLM(
    LlamaConfig(
        vocab_size=1024,
        hidden_size=256,
        intermediate_size=512,
        num_hidden_layers=8,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=2048,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=3,
        dtype='bfloat16',
    )
).to(torch.bfloat16)
model.save_pretrained(draft, max_shard_size='2MB')
words.save_pretrained(draft)
os.rename(draft, folder)
