// What SheetJS needs in the same browser to read a file into rows, and nothing else: npm pack xlsx@0.18.5, then
// node page/tests/peer.mjs xlsx.full.min.js CHROMIUM FILE... (beside page/tests/speed.mjs)
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { chromium } from 'playwright-core';

const [library, chrome, ...files] = process.argv.slice(2);
const ROUNDS = 5;

const browser = await chromium.launch({ executablePath: chrome, args: ['--no-sandbox'] });
for (const file of files) {
  const seconds = [];
  let rows;
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await browser.newPage();
    await page.setContent('<input type="file" id="input"><p id="rows" hidden></p>');
    await page.addScriptTag({ content: readFileSync(library, 'utf8') });
    await page.evaluate(() => {
      document.querySelector('#input').onchange = async (event) => {
        const bytes = await event.target.files[0].arrayBuffer();
        const book = XLSX.read(bytes, { cellDates: true });
        const read = book.SheetNames.map((name) => XLSX.utils.sheet_to_json(book.Sheets[name]).length);
        const said = document.querySelector('#rows');
        said.textContent = String(read.reduce((sum, one) => sum + one, 0));
        said.hidden = false;
      };
    });
    const begun = performance.now();
    await page.setInputFiles('#input', file);
    await page.waitForSelector('#rows:not([hidden])', { timeout: 120000 });
    seconds.push((performance.now() - begun) / 1000);
    rows = await page.textContent('#rows');
    await page.close();
  }
  seconds.sort((one, other) => one - other);
  console.log(`${basename(file)}: ${seconds.map((one) => one.toFixed(2)).join(', ')} s; ${rows} rows`);
}
await browser.close();
