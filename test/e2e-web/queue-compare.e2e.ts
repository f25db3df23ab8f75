/** Over invented data: the queue is reordered from the list; a pane of the comparison that has settings of its own is marked, and so is the bar. */
import { expect, test } from '@playwright/test';
import { openFixturePage } from '../support/fixture-page.ts';

test('a waiting run is moved to the front of the queue, and back', async () => {
  const f = await openFixturePage({ waiting: 3 });
  await f.open('/runs');
  const order = (): Promise<string[]> => f.page.getByRole('row').filter({ hasText: 'in the queue' }).locator('.runs-name').allTextContents();
  await expect.poll(order).toEqual(['sft-tickets-02', 'waiting 2', 'waiting 3']);
  const act = async (run: string, what: string): Promise<void> => {
    await f.page.getByRole('button', { name: `Actions for ${run}` }).click();
    await f.page.getByRole('menuitem', { name: what, exact: true }).click();
  };
  await act('waiting 3', 'Start next');
  await expect.poll(order).toEqual(['waiting 3', 'sft-tickets-02', 'waiting 2']);
  await act('waiting 3', 'Later in the queue');
  await expect.poll(order).toEqual(['sft-tickets-02', 'waiting 3', 'waiting 2']);
  await f.close();
});

test('a pane with settings of its own is marked, in its place and in the bar, until it is locked again', async () => {
  const f = await openFixturePage();
  await f.open('/compare?m=anneal-tiny,anneal-tiny:r-done-600');
  await expect(f.page.getByText('Locked: same prompt, seed and sampling in every pane')).toBeVisible();
  const pane = f.page.locator('.cmp-pane').nth(1);
  await pane.getByRole('button', { name: 'Unlock', exact: true }).click();
  await expect(f.page.getByText('1 pane is unlocked and not comparable')).toBeVisible();
  await expect(pane.getByText('unlocked, not comparable')).toBeVisible();
  await expect(pane).toHaveAttribute('data-unlocked', 'true');
  await expect(pane.getByText('Sampling of this pane only')).toBeVisible();
  await pane.getByRole('button', { name: 'Lock again', exact: true }).click();
  await expect(f.page.getByText('Locked: same prompt, seed and sampling in every pane')).toBeVisible();
  await f.close();
});
