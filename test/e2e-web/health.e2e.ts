/** The health card of a run: what the rules find, what pauses the run, the measures with their tooltips. Over invented data. */
import { expect, test } from '@playwright/test';
import { openFixturePage } from '../support/fixture-page.ts';

test('findings with source and what to do; each measure explains its sign and estimator', async () => {
  const f = await openFixturePage({ state: 'preference' });
  await f.open('/runs/r-dpo');
  const card = f.page.locator('section.card', { has: f.page.getByRole('heading', { name: 'Health' }) });
  await expect(card.getByText('4 alerts')).toBeVisible();
  const kl = card.getByRole('listitem').filter({ hasText: 'The policy is 0.740 nats per token from its start, above 0.500.' });
  await expect(kl).toContainText('pauses this run');
  await expect(kl.getByRole('button', { name: /^Source: .*Gao, Schulman and Hilton/ })).toBeVisible();
  await expect(card.getByText('Usual for DPO; watch the KL and the samples.')).toBeVisible();
  await card.getByRole('button', { name: 'What KL to the start means' }).focus();
  await expect(f.page.getByText('Exact, so never negative', { exact: false })).toBeVisible();
  await expect(card.getByRole('img', { name: /^Answer length: 22\.5 tokens before training, 41\.3 tokens at step 300$/ })).toBeVisible();
  await f.close();
});

test('a run without probes shows no measures', async () => {
  const f = await openFixturePage();
  await f.open('/runs/r-nan');
  await expect(f.page.getByRole('heading', { name: 'Health' })).toBeVisible();
  await expect(f.page.locator('.run-probes')).toHaveCount(0);
  await f.close();
});
