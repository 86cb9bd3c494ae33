// How long a year's rows take in Chromium, from the choice of the file to the verdict: node page/tests/speed.mjs PAGE.html CHROMIUM FILE...
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [html, chrome, ...files] = process.argv.slice(2);
const ROUNDS = 5;
const shown = { timeout: 120000 };

const browser = await chromium.launch({ executablePath: chrome, args: ['--no-sandbox'] });
for (const file of files) {
  const seconds = [];
  let verdict;
  for (let round = 0; round < ROUNDS; round += 1) {
    // Opened anew each time, as she does: nothing of the engine is warm.
    const page = await browser.newPage();
    await page.goto(pathToFileURL(html).href);
    await page.waitForSelector('#choose:not([disabled])', shown);
    const begun = performance.now();
    await page.setInputFiles('#input', file);
    await page.waitForSelector('#result:not([hidden]) #verdict', shown);
    seconds.push((performance.now() - begun) / 1000);
    verdict = await page.textContent('#verdict');
    await page.close();
  }
  seconds.sort((one, other) => one - other);
  console.log(`${basename(file)}: ${seconds.map((one) => one.toFixed(2)).join(', ')} s; ${verdict}`);
}
await browser.close();
