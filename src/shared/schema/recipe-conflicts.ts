/** Values of a recipe that do not go together, though each is allowed: said before anything is loaded. Pure. */
import type { Recipe, RecipeIssue } from './recipe.ts';

export function recipeConflicts(recipe: Recipe): RecipeIssue[] {
  const issues: RecipeIssue[] = [];
  const add = (path: string, message: string): void => { issues.push({ path, message }); };
  const { train } = recipe;
  if ('sync_ref_model' in train && train.sync_ref_model) {
    if (recipe.adapter !== 'none') add('train.sync_ref_model', 'train.sync_ref_model moves the reference towards the policy, which works with adapter: none only; set it to false, or train all weights.');
    else if (train.precompute_ref_log_probs) add('train.precompute_ref_log_probs', 'train.precompute_ref_log_probs scores a reference that stays as it is, but train.sync_ref_model moves it; set one of them to false.');
    if (train.ref_model !== null) add('train.ref_model', 'train.ref_model names another reference, but train.sync_ref_model moves the reference towards the policy; leave one of them out.');
  }
  if (recipe.method === 'kto' && recipe.train.loss_type === 'kto' && recipe.train.per_device_train_batch_size < 2) add('train.per_device_train_batch_size', 'train.per_device_train_batch_size is 1; KTO measures its baseline on answers to other prompts of the batch, so it must be at least 2.');
  if (recipe.method === 'cpo' && (recipe.train.loss_type === 'hinge' || recipe.train.loss_type === 'ipo') && recipe.train.label_smoothing > 0) add('train.label_smoothing', `train.label_smoothing has no meaning for the loss ${recipe.train.loss_type}; set it to 0.`);
  if (recipe.method === 'dpo') dpoConflicts(recipe.train, add);
  return issues;
}

/** Losses that know label smoothing. */
const SMOOTHED = ['cdpo', 'exo_pair', 'robust', 'aot', 'aot_unpaired'];
/** Losses that other f-divergences than the reverse KL are defined for. */
const DIVERGENT = ['sigmoid', 'cdpo', 'sigmoid_norm', 'hinge', 'ipo', 'exo_pair', 'robust', 'discopop', 'sft'];

function dpoConflicts(train: Extract<Recipe, { method: 'dpo' }>['train'], add: (path: string, message: string) => void): void {
  const { loss_type: losses, loss_weights: weights } = train;
  if (weights !== null && weights.length !== losses.length) add('train.loss_weights', `train.loss_weights has ${weights.length} ${weights.length === 1 ? 'entry' : 'entries'} for ${losses.length} ${losses.length === 1 ? 'loss' : 'losses'} (${losses.join(', ')}); give one weight for each.`);
  if (losses.includes('exo_pair') && train.label_smoothing === 0) add('train.label_smoothing', 'train.label_smoothing is 0, but the loss exo_pair needs it to be greater than 0; 0.001 is advised.');
  if (train.label_smoothing > 0 && train.parity !== 'trl' && !losses.some((l) => SMOOTHED.includes(l))) add('train.label_smoothing', losses.includes('sigmoid') ? 'train.label_smoothing does nothing with the loss sigmoid (as in TRL); use loss_type: cdpo for sigmoid with smoothed labels.' : `train.label_smoothing does nothing with the loss ${losses.join(', ')}; set it to 0.`);
  const sorted = losses.find((l) => l === 'aot' || l === 'aot_unpaired');
  if (sorted !== undefined && train.per_device_train_batch_size < 2) add('train.per_device_train_batch_size', `train.per_device_train_batch_size is 1, but the loss ${sorted} compares sorted rewards within a batch; it must be at least 2.`);
  const other = losses.find((l) => !DIVERGENT.includes(l));
  if (train.f_divergence_type !== 'reverse_kl' && other !== undefined) add('train.f_divergence_type', `train.f_divergence_type ${train.f_divergence_type} is not defined for the loss ${other}; use reverse_kl, or one of ${DIVERGENT.join(', ')}.`);
}
