import { expect, it } from 'vitest';
import { samplingDefaults } from '../../../src/main/data/tokenizer/generation-config.ts';

it('reads what applies, as transformers does', () => {
  expect(samplingDefaults({})).toEqual({});
  expect(samplingDefaults({ eos_token_id: [1, 2], do_sample: true, temperature: 0.6, top_p: 0.9, top_k: 50, repetition_penalty: 1.05, max_new_tokens: 2048 })).toEqual({ temperature: 0.6, top_p: 0.9, top_k: 50, repetition_penalty: 1.05, max_new_tokens: 2048 });
  expect(samplingDefaults({ do_sample: true })).toEqual({ temperature: 1 });
  expect(samplingDefaults({ temperature: 0.6, top_p: 0.9, repetition_penalty: 1.1 })).toEqual({ repetition_penalty: 1.1 }); // not sampled
  expect(samplingDefaults({ do_sample: false, temperature: 0.6 })).toEqual({ temperature: 0 });
  expect(samplingDefaults({ do_sample: true, top_k: -1, max_new_tokens: 131_072, min_p: null, unknown: 'x', eos_token_id: -1 })).toEqual({ temperature: 1, top_k: 0, max_new_tokens: 65_536 });
});

it.each([{ temperature: -1 }, { temperature: 'hot' }, { top_p: 0 }, { top_p: 1.5 }, { max_new_tokens: 0 }, { eos_token_id: 'x' }, { eos_token_id: [1.5] }, { pad_token_id: {} }])('refuses %j by name', (config) => {
  expect(() => samplingDefaults(config)).toThrow(expect.objectContaining({ code: 'model-config-invalid', message: expect.stringContaining(Object.keys(config)[0] ?? '') as string }));
});
