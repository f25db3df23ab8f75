/** Handler of `chat`: answers of one checkpoint, from the generation engine. */
import type { contract } from '../../../shared/contract.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { HostContext } from '../context.ts';
import { refuseRewardModel } from '../reward/reward-models.ts';
import { physicalCores } from '../machine.ts';

export const chatService = ({ store, engines, devices }: HostContext): Service<typeof contract.chat> => ({
  generate: async function* ({ model_id, checkpoint_id, messages, prompt, sampling, options }, { signal }) {
    if ((messages === undefined) === (prompt === undefined)) throw new AnnealError('bad-request', 'Give either messages or a prompt.');
    const model = store.models.get(model_id), checkpoint = checkpoint_id === null ? null : store.checkpoints.get(checkpoint_id);
    if (checkpoint && checkpoint.model_id !== model.id) throw new AnnealError('bad-request', `The checkpoint of ${checkpoint.run_name} at step ${checkpoint.step} belongs to another model than "${model.name}".`);
    refuseRewardModel(store, model, checkpoint, 'to chat or compare');
    const job = {
      model: { folder: model.path, checkpoint: checkpoint ? { folder: checkpoint.path, kind: checkpoint.kind } : null, chat_template: templateOf(checkpoint?.run_id) },
      messages: messages ?? null, prompt: prompt ?? null, sampling, options, threads: store.settings.get().threads || physicalCores(), device: (await devices.choose({})).id,
    };
    for await (const item of engines.stream('generate', (api) => api.generate.stream(job, { signal }))) {
      yield item.type === 'start' ? { ...item, model: model.name, checkpoint: checkpoint ? `${checkpoint.run_name}@${checkpoint.step}` : null } : item;
    }

    /** A checkpoint answers with the template that it was trained with. */
    function templateOf(runId: string | undefined): string | null {
      return (runId === undefined ? undefined : store.runs.find(runId)?.recipe.chat_template) ?? null;
    }
  },
});
