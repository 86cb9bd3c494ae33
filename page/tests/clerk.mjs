// Plays the clerk: opens the page from a file with the network off, chooses a file, confirms, fixes with the keyboard, downloads, and
// has the program check what she downloaded. No request is made, and axe finds nothing in any state.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { here } from './engine.mjs';
import { overflowing, withoutItsText, zipOf } from './hostile.mjs';

const [cdip, html, chrome] = process.argv.slice(2);
const batch = join(here, '../samples/statewide-2024-25');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'cdip-clerk-'));
const pictures = process.env.PICTURES;
const shown = { timeout: 60000 };

const browser = await chromium.launch({ executablePath: chrome, args: ['--no-sandbox'] });
const context = await browser.newContext({ acceptDownloads: true, bypassCSP: false });
await context.setOffline(true);
const requests = [];
let page;

async function open() {
  page = await context.newPage();
  page.on('request', (request) => { if (!/^(file|blob):/.test(request.url())) requests.push(request.url()); });
  page.on('pageerror', (error) => assert.fail(error.message));
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(pathToFileURL(html).href);
  await page.waitForSelector('#choose:not([disabled])', shown);
}

async function accessible(state) {
  // Injected through the debugger: the page's own policy lets in no other script.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`), [], state);
  await page.setViewportSize({ width: 400, height: 900 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  await page.setViewportSize({ width: 1280, height: 900 });
  assert.ok(wide <= 400, `${state} scrolls sideways at 400 pixels: ${wide}`);
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  for (const [width, colorScheme] of [[1280, 'light'], [400, 'light'], [1280, 'dark'], [400, 'dark']]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(pictures, `${state}-${width}-${colorScheme}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
  await page.screenshot({ path: join(pictures, `${state}-forced.png`), fullPage: true });
  await page.emulateMedia({ forcedColors: 'none', media: 'print' });
  await page.screenshot({ path: join(pictures, `${state}-print.png`), fullPage: true });
  await page.emulateMedia({ media: 'screen' });
}

async function downloaded(words) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: words }).click()]);
  const path = join(scratch, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

// The engine cannot make what she asks for: she is told so. After it, it can again.
async function refusing(verb, press) {
  await page.evaluate((refused) => {
    const { postMessage } = worker;
    worker.postMessage = (message, ...more) => {
      if (message.head.verb !== refused) return postMessage.call(worker, message, ...more);
      return answered({ data: { id: message.id, value: { error: 'a workbook cannot be made', fix: '' } } });
    };
  }, verb);
  await press();
  await page.waitForSelector('#trouble h2:has-text("was not saved")', shown);
  assert.match(await page.textContent('#trouble'), /A workbook cannot be made\.What to do: /);
  await accessible(`not-saved-${verb}`);
  await page.evaluate(() => { delete worker.postMessage; });
}

function natively(path) {
  const words = ['check', path, '--rules', '2024-25', '--programs', join(batch, 'qualified-programs.xlsx'), '--participants', join(batch, 'participants.xlsx'), '--format', 'json'];
  try {
    return JSON.parse(execFileSync(cdip, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch (error) {
    return JSON.parse(error.stdout);
  }
}

// A workbook of these sheets, with all cells as texts, in a zip file.
function bookOf(sheets) {
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const relations = (...all) => `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.map(([kind, target], at) => `<Relationship Id="rId${at + 1}" Type="${office}/${kind}" Target="${target}"/>`).join('')}</Relationships>`;
  const cell = (text) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
  const sheetOf = (rows) => `<worksheet xmlns="${main}"><sheetData>${rows.map((cells) => `<row>${cells.map(cell).join('')}</row>`).join('')}</sheetData></worksheet>`;
  return zipOf([
    ['_rels/.rels', relations(['officeDocument', 'xl/workbook.xml'])],
    ['xl/_rels/workbook.xml.rels', relations(...sheets.map((_, at) => ['worksheet', `worksheets/sheet${at + 1}.xml`]))],
    ['xl/workbook.xml', `<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${sheets.map(([name], at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`).join('')}</sheets></workbook>`],
    ...sheets.map(([, rows], at) => [`xl/worksheets/sheet${at + 1}.xml`, sheetOf(rows)]),
  ]);
}

const verdict = () => page.textContent('#verdict');
const count = async (name) => Number(await page.textContent(`.counts div:has(dt:text-is("${name}")) dd`));
const step = (name) => console.log(`  ${name}`);

try {
  await open();
  await accessible('start');
  assert.deepEqual(requests, [], 'opening asks for nothing');
  // The network is off, so every connection fails: that this one is refused by the page's own rule, only the browser's event says.
  await page.evaluate(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => { globalThis.refusedBy = effectiveDirective; });
    fetch('https://example.org/').catch(() => {});
  });
  await page.waitForFunction(() => globalThis.refusedBy === 'connect-src', null, shown);
  requests.length = 0;
  step('the page opens from a file, and a connection is refused by its own rule');

  await refusing('template', () => page.click('#template'));
  await downloaded('blank workbook');
  assert.equal(await page.locator('#trouble').isVisible(), false);
  step('a template that cannot be made is told of, and is saved at the next try');

  // The keyboard alone: to the example, and through what it proposes.
  await page.focus('#example');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#verdict', shown);
  assert.equal(await verdict(), 'Not ready: 9 rows to fix.');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'verdict');
  const total = (await Promise.all(['Ready', 'Look again', 'Fix', 'Earn nothing'].map(count))).reduce((sum, one) => sum + one);
  assert.equal(total, 15);
  await accessible('mistakes');
  step('the example is checked; every row is in one of the four numbers');

  const marked = await downloaded('Download my file, marked');

  for (let proposals = await page.locator('[data-item] button.main').count(); proposals > 0;) {
    const first = page.locator('[data-item] button.main').first();
    await first.focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction((before) => document.querySelectorAll('[data-item] button.main').length < before, proposals, shown);
    proposals = await page.locator('[data-item] button.main').count();
  }
  // Whose pupil it is only she knows: no answer is offered first.
  const whose = page.locator('[data-item^="H502|"]');
  await whose.getByRole('button', { name: /^Use 0017/ }).focus();
  await page.keyboard.press('Enter');
  await whose.waitFor({ state: 'detached', timeout: 60000 });
  step('every proposal is taken with Enter');

  // What is still wrong is said to be, and her hands stay where they are.
  await page.locator('[data-item^="E206|"] input').focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('5/13');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-item^="E206|"] .notice', shown);
  assert.equal(await page.evaluate(() => document.activeElement.closest('[data-item]').dataset.item.slice(0, 5)), 'E206|');
  await accessible('wrong');
  const byHand = { E203: ['9000000107', '9000000108'], E206: ['5/17/2024'] };
  for (const [code, values] of Object.entries(byHand)) {
    for (const value of values) {
      const item = page.locator(`[data-item^="${code}|"]`).first();
      const key = await item.getAttribute('data-item');
      await item.locator('input').focus();
      await page.keyboard.press('Control+A');
      await page.keyboard.type(value);
      await page.keyboard.press('Enter');
      await page.waitForSelector(`[data-item="${key}"]`, { state: 'detached', timeout: 60000 });
    }
  }
  await page.locator('[data-item^="E208|"]').getByRole('button', { name: /^No,/ }).focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /^Ready to send\..* 2 rows earn nothing and may stay\.$/.test(document.querySelector('#verdict').textContent), null, shown);
  await accessible('fixed');
  step('what only she knows is typed; the verdict says that she may send');

  // J and K, undo, and the row in her table.
  await page.locator('[data-item]').first().focus();
  await page.keyboard.press('j');
  assert.equal(await page.evaluate(() => [...document.querySelectorAll('[data-item]')].indexOf(document.activeElement)), 1);
  await page.getByRole('button', { name: /^Undo row/ }).first().click();
  await page.waitForFunction(() => document.querySelector('#verdict').textContent.startsWith('Not ready'), null, shown);
  const undone = page.locator('[data-item^="E208|"]').first();
  await undone.getByRole('button', { name: /^Go to row/ }).click();
  await page.waitForSelector('#grid tr.here td.bad', shown);
  // Her cell is in sight. Scrolled to, the window is drawn once more, so the cell is looked up each time.
  await page.waitForFunction(() => {
    const seen = document.querySelector('#grid tr.here td.bad')?.getBoundingClientRect();
    const around = document.querySelector('#grid').getBoundingClientRect();
    return seen && seen.left >= around.left && seen.right <= around.right && seen.top >= around.top && seen.bottom <= around.bottom;
  }, null, shown);
  await page.getByRole('button', { name: 'Back to the list' }).click();
  assert.match(await page.evaluate(() => document.activeElement.dataset.item), /^E208/);
  await undone.getByRole('button', { name: /^No,/ }).click();
  await page.waitForFunction(() => document.querySelector('#verdict').textContent.startsWith('Ready to send'), null, shown);
  step('undo, next and previous, and the row in the table');

  const corrected = await downloaded('Download my file, corrected');
  const checked = natively(corrected);
  assert.deepEqual(checked.findings.filter(({ severity, open }) => open && severity !== 'warning').map(({ code }) => code), ['N303', 'N302']);
  assert.equal(checked.rows.rejected + checked.rows.held, 0);
  step('the program finds nothing left to fix in the corrected file');

  await page.setInputFiles('#input', marked);
  await page.waitForSelector('#trouble h2', shown);
  assert.match(await page.textContent('#trouble'), /marked copy/);
  await accessible('refused');
  await page.setInputFiles('#input', corrected);
  await page.waitForSelector('#verdict', shown);
  assert.match(await verdict(), /^Ready to send\..* 2 rows earn nothing and may stay\.$/);
  assert.match(await page.textContent('#result'), /Since your last file: \d+ fixed, 0 new, 1 left\./);
  step('the marked copy is refused with a reason; the corrected one is checked again');

  // What the rows would earn is what the program says.
  assert.ok(await page.locator('#expect').isVisible(), 'a page made with factors has the section about money');
  await page.getByRole('button', { name: 'Show what to expect' }).click();
  await page.waitForSelector('#expect dl', shown);
  const expected = await page.textContent('#expect div:has(> dt:text-is("Expected")) dd');
  const previewed = ['preview', corrected, '--entity', '0017', '--factors', process.env.FACTORS, '--rules', '2024-25', '--programs', join(batch, 'qualified-programs.xlsx'), '--participants', join(batch, 'participants.xlsx'), '--format', 'json'];
  const { expected: figures } = JSON.parse(execFileSync(cdip, previewed, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  assert.equal(expected.replace(/[$,]/g, ''), String(figures.total));
  await accessible('expect');
  step(`what to expect is what the program says: ${expected}`);

  await refusing('corrected', () => page.getByRole('button', { name: 'Download my file, corrected' }).click());
  assert.ok(await page.locator('#given strong').isVisible(), 'the file that she chose is still named');
  await downloaded('Download my file, corrected');
  assert.equal(await page.locator('#trouble').isVisible(), false);
  step('a corrected file that cannot be made is told of, and is saved at the next try');

  // An export of a student system: 20 columns, a title, other words, no district.
  const columns = ['Last Name', 'First Name', 'DOB', 'State Student Number', 'Bldg', 'Gr', 'Cert Code', 'Earned Dt', 'Meal Code', 'HS Credit', ...Array.from({ length: 10 }, (_, at) => `Custom ${String.fromCharCode(65 + at)}`)];
  const line = (id, lunch) => ['Doe', 'Pat', '1/2/2007', id, '0101', '12', 'IC101', '5/17/2024', lunch, 'Y', ...Array.from({ length: 10 }, () => 'x')];
  const csv = [['Export of 6/1/2024'], columns, line('9000000201', 'F'), line('9000000202', 'R'), line('9000000203', 'P')].map((cells) => cells.join(',')).join('\n');
  const file = join(scratch, 'export.csv');
  writeFileSync(file, csv);
  await page.setInputFiles('#input', file);
  await page.waitForSelector('#headings-title', shown);
  const text = await page.textContent('#headings');
  assert.ok(!text.includes('Doe') && !text.includes('9000000201') && !text.includes('1/2/2007'), 'no pupil is shown');
  assert.match(text, /Not used and not looked at: Last Name, First Name, DOB/);
  await accessible('headings');
  await page.selectOption('#constant-district', '0017');
  await page.getByRole('button', { name: 'Check my file' }).click();
  await page.waitForSelector('#verdict', shown);
  assert.match(await verdict(), /^(Ready to send|You may send)/);
  assert.match(await page.textContent('#result'), /nothing to do: F is read as Free, R as Reduced and P as Paid\./);
  await accessible('export');
  step('an export with its own headings and without a district is confirmed and checked');

  // With credit under a heading like the state's, which is proposed. If she says that her file does not have it, the question about the
  // whole file comes first, and its rows lead back to the headings.
  const credit = join(scratch, 'credit.csv');
  writeFileSync(credit, csv.replace('HS Credit', 'Credit'));
  await page.setInputFiles('#input', credit);
  await page.waitForSelector('#headings-title', shown);
  assert.equal(await page.inputValue('[data-key="graduation_credit"]'), 'Credit');
  await page.selectOption('[data-key="graduation_credit"]', '');
  await page.selectOption('#constant-district', '0017');
  await page.getByRole('button', { name: 'Check my file' }).click();
  await page.waitForSelector('#verdict', shown);
  assert.equal(await page.locator('[data-item]').first().getAttribute('data-item'), 'Q401|2|graduation_credit');
  await page.emulateMedia({ media: 'print' });
  const asks = (code) => page.locator(`[data-item^="${code}|"]`).first().evaluate((item) => getComputedStyle(item, '::after').content);
  assert.equal(await asks('Q401'), 'none', 'a heading has no right value');
  assert.match(await asks('N305'), /Right value/);
  await page.emulateMedia({ media: 'screen' });
  const lacking = page.locator('[data-item^="N305|"]');
  assert.equal(await lacking.count(), 3);
  await lacking.first().getByRole('button', { name: /^Leave this row out/ }).click();
  await page.waitForSelector('#changes-title', shown);
  await page.locator('#result').getByRole('button', { name: 'Change headings' }).click();
  await page.waitForSelector('#headings-title', shown);
  assert.equal(await page.locator('#result').isVisible(), false);
  assert.equal(await page.inputValue('[data-key="sasid"]'), 'State Student Number');
  assert.equal(await page.inputValue('#constant-district'), '0017');
  await accessible('headings-again');
  await page.locator('#headings').getByRole('button', { name: 'Cancel' }).click();
  await page.waitForSelector('#verdict', shown);
  assert.equal(await lacking.count(), 2);
  await page.locator('.group:has([data-item^="N305|"])').getByRole('button', { name: 'Change headings' }).click();
  await page.waitForSelector('#headings-title', shown);
  await page.selectOption('[data-key="graduation_credit"]', 'Credit');
  await page.getByRole('button', { name: 'Check my file' }).click();
  await page.waitForSelector('#verdict', shown);
  assert.equal(await page.locator('[data-item^="N305|"], [data-item^="Q401|"]').count(), 0);
  assert.equal(await page.textContent('#changes-title'), 'What you changed (1)');
  const entity = () => page.evaluate(() => now.confirmed.entity);
  assert.equal(await entity(), '0017');
  // A district that was chosen for want of a column goes once there is one.
  await page.locator('#result').getByRole('button', { name: 'Change headings' }).click();
  await page.selectOption('[data-key="district_code"]', 'Bldg');
  await page.selectOption('[data-key="school_code"]', 'Custom A');
  await page.getByRole('button', { name: 'Check my file' }).click();
  await page.waitForSelector('#verdict', shown);
  assert.equal(await entity(), null);
  step('headings are changed after the check; the file and what she decided stay');

  // Headings under which nothing can be read: she is told so over the headings, and nothing that she decided is lost.
  const twice = join(scratch, '0017 twice.csv');
  writeFileSync(twice, ['District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch,Old,Old', '0017,0101,9000000215,12,IC1O1,5/17/2024,No,IC101,IC101'].join('\n'));
  await page.setInputFiles('#input', twice);
  await page.waitForSelector('[data-item^="N301|2|"]', shown);
  await page.getByRole('button', { name: /^Use IC101/ }).click();
  await page.waitForSelector('#changes-title', shown);
  await page.locator('#result').getByRole('button', { name: 'Change headings' }).click();
  await page.selectOption('[data-key="program_code"]', 'Old');
  await page.getByRole('button', { name: 'Check my file' }).click();
  await page.waitForSelector('#trouble h2', shown);
  assert.match(await page.textContent('#trouble'), /F106/);
  assert.equal(await page.inputValue('[data-key="program_code"]'), 'Old');
  assert.ok(await page.locator('#given strong').isVisible(), 'the file that she chose is still named');
  await accessible('headings-refused');
  await page.locator('#headings').getByRole('button', { name: 'Cancel' }).click();
  await page.waitForSelector('#verdict', shown);
  assert.equal(await page.locator('#trouble').isVisible(), false);
  assert.equal(await page.textContent('#changes-title'), 'What you changed (1)');
  assert.equal(await page.locator('[data-item^="N301|"]').count(), 0);
  step('headings under which nothing can be read are changed again; what she decided stays');

  // Other headings make another sheet readable: a correction stays with its sheet, and goes with it.
  const titles = ['School Code', 'SASID', 'Grade', 'Program Code', 'Completion Date', 'Free/Reduced Lunch'];
  const pupil = (id, code = 'IC101') => ['0101', id, '12', code, '5/17/2024', 'No'];
  const seasons = join(scratch, '0017 seasons.xlsx');
  writeFileSync(seasons, bookOf([['Fall', [titles, pupil('9000000221'), pupil('9000000222', 'IC1O1')]],
    ['Spring', [['District Code', ...titles], ['0017', ...pupil('9000000223', 'IC1O1')], ['0017', ...pupil('9000000224')]]]]));
  await page.setInputFiles('#input', seasons);
  await page.waitForSelector('[data-item^="N301|2|"]', shown);
  await page.getByRole('button', { name: /^Use IC101/ }).click();
  await page.waitForSelector('#changes-title', shown);
  const places = () => page.evaluate(() => [now.result.files[0].sheets.map(({ name }) => name), ...now.confirmed.fixes.map(({ sheet, row, value }) => [sheet, row, value]), ...now.changes.map(({ place }) => place.sheet)]);
  assert.deepEqual(await places(), [['Spring'], [0, 2, 'IC101'], 0]);
  await page.locator('#result').getByRole('button', { name: 'Change headings' }).click();
  await page.getByRole('button', { name: 'Check my file' }).click();
  await page.waitForSelector('#verdict', shown);
  assert.deepEqual(await places(), [['Spring'], [0, 2, 'IC101'], 0]);
  assert.doesNotMatch(await page.textContent('#send'), /it has the headings that the state reads/);
  await page.locator('#result').getByRole('button', { name: 'Change headings' }).click();
  await page.selectOption('[data-key="district_code"]', '');
  await page.selectOption('#constant-district', '0017');
  await page.getByRole('button', { name: 'Check my file' }).click();
  await page.waitForSelector('#verdict', shown);
  assert.deepEqual(await places(), [['Fall', 'Spring'], [1, 2, 'IC101'], 1]);
  await page.getByRole('button', { name: /^Use IC101/ }).click();
  await page.waitForSelector('#changes-title:has-text("(2)")', shown);
  assert.deepEqual(await places(), [['Fall', 'Spring'], [1, 2, 'IC101'], [0, 3, 'IC101'], 1, 0]);
  assert.equal(await page.locator('[data-item^="N301|"]').count(), 0);
  await page.locator('#result').getByRole('button', { name: 'Change headings' }).click();
  await page.selectOption('[data-key="district_code"]', 'District Code');
  await page.getByRole('button', { name: 'Check my file' }).click();
  await page.waitForSelector('#verdict', shown);
  assert.deepEqual(await places(), [['Spring'], [0, 2, 'IC101'], 0]);
  assert.match(await page.textContent('#result'), /Your corrections of 0017 seasons\.xlsx, sheet “Fall”, are gone: with these headings the sheet is not read\./);
  await accessible('corrections-gone');
  step('a correction stays with its sheet when other headings make another sheet readable');

  // Next to a file with tabs: each is read with its own delimiter.
  const tabbed = join(scratch, '0017 tabbed.txt');
  writeFileSync(tabbed, ['District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch', '0017,0101,9000000211,12,IC101,5/17/2024,No'].join('\n').replaceAll(',', '\t'));
  await page.setInputFiles('#input', [file, tabbed]);
  await page.waitForSelector('#headings-title', shown);
  await page.selectOption('#constant-district', '0017');
  await page.getByRole('button', { name: 'Check my file' }).click();
  await page.waitForSelector('#verdict', shown);
  assert.doesNotMatch(await verdict(), /cannot be read/);
  assert.match(await page.textContent('#result'), /4 rows in all/);
  step('a file with commas and one with tabs are read together');

  await page.setInputFiles('#input', join(batch, 'participants.xlsx'));
  await page.waitForSelector('#trouble h2', shown);
  assert.match(await page.textContent('#trouble'), /looks like the participants list/);
  step('a wrong list is named');

  // What became of her last file: two of three are fixed, a slip is new, and what she left is left, also where a row above it is gone.
  const headings = 'District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch,Graduation Credit';
  const row = (id, { grade = '12', program = 'IC101', lunch = 'No' } = {}) => `0017,0101,${id},${grade},${program},5/17/2024,${lunch},Yes`;
  const sound = [row('9000000301'), row('9000000302')];
  const rounds = [
    [[...sound, row('9000000303', { grade: 'Alumni' }), row('9000000304', { program: 'IC1O1' }), row('9000000305', { lunch: '' })], null],
    [[...sound, row('9000000303'), row('9000000304'), row('9000000305', { lunch: '' }), row('9000000306', { grade: 'Graduate' })], '2 fixed, 1 new, 1 left.'],
    [[sound[0], row('9000000303'), row('9000000304'), row('9000000305', { lunch: '' }), row('9000000306', { grade: 'Graduate' })], '0 fixed, 0 new, 2 left.'],
    [[sound[0], row('9000000303')], '2 fixed, 0 new, 0 left.'],
  ];
  for (const [at, [lines, became]] of rounds.entries()) {
    const again = join(scratch, `0017 round ${at}.csv`);
    writeFileSync(again, [headings, ...lines].join('\n'));
    await page.setInputFiles('#input', again);
    await page.waitForSelector(`#given:has-text("0017 round ${at}.csv")`, shown);
    await page.waitForSelector('#verdict', shown);
    if (became) assert.ok((await page.textContent('#result')).includes(`Since your last file: ${became}`), `${await page.textContent('#result')} ${became}`);
  }
  step('a file that is checked again is told what is fixed, new and left');

  // Whose file it is comes before its money. The same file with the code in its name: what the program says.
  const mixed = [headings, ...sound, sound[0], row('9000000303', { program: 'IC1O1' }), row('9000000304').replace('0017', '0897')].join('\n');
  const [unnamed, own] = ['spring.csv', '0017 spring.csv'].map((name) => join(scratch, name));
  for (const path of [unnamed, own]) writeFileSync(path, mixed);
  await page.setInputFiles('#input', unnamed);
  await page.waitForSelector('#whose', shown);
  assert.match(await page.textContent('#expect'), /Say whose file this is first\./);
  assert.doesNotMatch(await page.textContent('#expect'), /\$/);
  assert.equal(await page.locator('#expect button').count(), 0);
  await accessible('whose');
  await page.getByRole('button', { name: 'Yes, 0017' }).click();
  await page.waitForSelector('#whose', { state: 'detached', timeout: 60000 });
  await page.getByRole('button', { name: 'Show what to expect' }).click();
  await page.waitForSelector('#expect dl', shown);
  const { fixing } = JSON.parse(execFileSync(cdip, previewed.with(1, own), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  const money = await page.textContent('#expect');
  assert.equal(await count('Fix'), fixing.rows);
  assert.equal(/that is \$([\d,.]+) more/.exec(money)[1].replaceAll(',', ''), String(fixing.worth));
  assert.match(money, /1 row says another district \(0897\) and is not in the expected amount\./);
  step('what to expect waits for the answer whose file it is, and then is what the program says');

  // A line of a text file is a row, in the list and in the table.
  assert.match(await page.textContent('[data-item^="W223|"]'), /same completion is in row \d/);
  await page.waitForSelector('#grid td.what:has-text("same completion is in row ")', shown);
  assert.doesNotMatch(await page.innerHTML('#grid'), /\bline \d/);
  step('list and table say row');

  // A file that stops the engine: she is told what to do, and the page goes on with the next one.
  for (const [name, bytes] of [['0017 overflow.xlsx', overflowing()], ['0017 cut.xlsb', withoutItsText()]]) {
    const hostile = join(scratch, name);
    writeFileSync(hostile, bytes);
    await page.setInputFiles('#input', hostile);
    await page.waitForSelector(`#trouble h2:text-is("${name} was not checked")`, shown);
    const said = await page.textContent('#trouble');
    assert.match(said, /could not read it.*save it again as an Excel workbook \(\.xlsx\).*Your file was not changed\./);
    assert.match(said, /Details for support/, 'the engine stopped, and did not refuse');
    await accessible('stopped');
    await page.setInputFiles('#input', corrected);
    await page.waitForSelector('#verdict', shown);
    assert.equal(await verdict(), 'Ready to send. Look at 1 row again if you can. 2 rows earn nothing and may stay.');
    assert.equal(await page.locator('#trouble').isVisible(), false);
    assert.deepEqual(natively(hostile).findings.map(({ code }) => code), ['F101']);
  }
  step('a file that stops the engine is named, and the next one is read without a reload');

  assert.deepEqual(requests, []);
  console.log('the clerk is done; no request was made');
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
}
