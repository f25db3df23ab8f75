/** Handlers of `recipes`: checking is done here, everything that reads rows or weights by an engine. */
import type { contract } from '../../../shared/contract.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import { checkRecipe } from '../../../shared/schema/recipe-issues.ts';
import type { Job } from '../../engine/protocol.ts';
import type { ChosenDevice } from '../../../shared/schema/device.ts';
import type { HostContext } from '../context.ts';
import { wantedDevice } from '../devices.ts';
import { draftJob } from '../draft-job.ts';
import { parseRecipe, withNames, writeRecipe } from '../recipe-file.ts';

export const recipesService = (ctx: HostContext): Service<typeof contract.recipes> => {
  const job = async (draft: Record<string, unknown>): Promise<Job> => draftJob(ctx, await ctx.resolver.recipe(draft));
  const placed = async (draft: Record<string, unknown>): Promise<Job & { device: ChosenDevice }> => { const ready = await job(draft); return { ...ready, device: await ctx.devices.choose(wantedDevice(ready.recipe)) }; };
  return {
    check: ({ recipe: draft, yaml }) => {
      if ((draft === undefined) === (yaml === undefined)) throw new AnnealError('bad-request', 'Give either a recipe or its YAML text.');
      let given: unknown = draft;
      try { if (yaml !== undefined) given = parseRecipe(yaml); } catch (e) {
        if (!(e instanceof AnnealError) || e.code !== 'recipe-syntax') throw e;
        return { recipe: null, issues: [{ path: '', message: e.message }], yaml: null };
      }
      const { recipe, issues } = checkRecipe(given);
      return { recipe, issues, yaml: recipe ? writeRecipe(withNames(recipe, ctx.store)) : null };
    },
    review: async function* ({ recipe }, { signal }) {
      const ready = await placed(recipe), { device } = ready;
      for await (const item of ctx.engines.stream('data', (api) => api.recipe.review(ready, { signal }))) yield item.review === null ? item : { ...item, review: { ...item.review, run: { ...item.review.run, device } } };
    },
    row: async ({ recipe, index }, { signal }) => {
      const ready = await job(recipe);
      return ctx.engines.use('data', (api) => api.recipe.row({ job: ready, index }, { signal }));
    },
    trial: async ({ recipe }, { signal }) => {
      const ready = await placed(recipe);
      if (ctx.runs.current !== null) throw new AnnealError('conflict', 'A run is training now; a trial beside it would measure neither. Try again when it has ended.');
      return ctx.engines.use('train', (api) => api.recipe.trial(ready, { signal }));
    },
  };
};
