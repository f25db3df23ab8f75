/** Pages over invented data (fixture-service.ts), in Chromium: for what a page does with data that would take long to make. */
import { chromium } from '@playwright/test';
import type { Browser, Page } from '@playwright/test';
import { join } from 'node:path';
import { startPageServer } from '../../src/main/web/page-server.ts';
import { contract } from '../../src/shared/contract.ts';
import { createServer } from '../../src/shared/rpc/server.ts';
import { fixtureService } from './fixture-service.ts';
import type { FixtureOptions } from './fixture-service.ts';
import { CHROMIUM, REPOSITORY } from './window.ts';

export interface FixturePage { page: Page; browser: Browser; /** Goes to a path of the app and waits for its heading. */ open(path: string): Promise<void>; close(): Promise<void> }

export async function openFixturePage(options: Partial<FixtureOptions> = {}, size = { width: 1320, height: 860 }): Promise<FixturePage> {
  const server = createServer(contract, fixtureService({ state: 'full', language: 'en', theme: 'light', ...options }), { version: '0.0.0-fixture' });
  const web = await startPageServer({ root: join(REPOSITORY, 'out/renderer'), port: 0, key: 'fixture', onPage: (channel) => { server.accept(channel); } });
  const browser = await chromium.launch(CHROMIUM()), page = await browser.newPage({ viewport: size });
  await page.goto(web.link);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return {
    page, browser,
    open: async (path) => { await page.evaluate((to) => { history.pushState(null, '', to); }, path); await page.getByRole('heading', { level: 1 }).waitFor(); },
    close: async () => { await browser.close(); server.close(); await web.close(); },
  };
}
