// The mistakes that districts make, all in one file: each is found, mended by proposal or by hand with the keyboard alone, and the
// program finds nothing to fix in what is downloaded. Opened from a file, with the network off.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { here } from './engine.mjs';

const [cdip, html, chrome] = process.argv.slice(2);
const batch = join(here, '../samples/statewide-2024-25');
const shown = { timeout: 60000 };

// What she did, what her row says instead of the sound row's, what is found in which column, and how it is mended: by the first
// proposal, by leaving the row out, or by what she types. What is read rightly, or is a fact, is left as it is.
const USE = Symbol('the first proposal');
const SOUND = { district_code: '0897', school_code: '0101', sasid: '', grade: '12', program_code: 'IC101', completion_date: '5/17/2024', free_reduced_lunch: 'No', graduation_credit: 'Yes', ap_exam_score: '' };
const ID = (at) => String(9000000300 + at * 7);
const MISTAKES = [
  ['a district without its zero', { district_code: '897' }, 'W201'],
  ['a school without its zero', { school_code: '512' }, 'W202'],
  ['May 17, 2024', { completion_date: '"May 17, 2024"' }, 'W226'],
  ['17-May-24', { completion_date: '17-May-24' }, 'W226'],
  ['5/17/24', { completion_date: '5/17/24' }],
  ['5.17.2024', { completion_date: '5.17.2024' }],
  ['a month without a day', { completion_date: 'May 2024' }, 'E206', '5/17/2024'],
  ["a date as Excel's number", { completion_date: '45420' }],
  ['12th', { grade: '12th' }],
  ['Senior', { grade: 'Senior' }],
  ['SR', { grade: 'SR' }],
  ['an id as Excel shows it', { sasid: '9.91E+09' }, 'E203', ID(80)],
  ['an id as Excel rounds it', { sasid: '9910000000' }, 'Q404', ID(81)],
  ['an id of nine digits', { sasid: '910000001' }, 'E203', ID(82)],
  ['a name in the code column', { program_code: 'Certified nurse aide' }, 'N301', USE],
  ['initials in the code column', { program_code: 'CNA' }, 'N301', USE],
  ['letters for digits', { program_code: 'IC1O1' }, 'N301', USE],
  ['a hyphen', { program_code: 'IC-117' }, 'N301', USE],
  ['a space', { program_code: 'IC 140' }, 'N301', USE],
  ['a code of nobody', { program_code: 'IC177' }, 'N301', 'IC170'],
  ['a code that ended', { program_code: 'IC143' }, 'N301'],
  ['another district', { district_code: '0937' }, 'H502', USE],
  ['another district again', { district_code: '0937' }, 'H502', USE],
  ['a date of the year before', { completion_date: '5/17/2023' }, 'N303'],
  ['a date of 2042', { completion_date: '5/17/2042' }, 'N303', '5/17/2024'],
  ['no lunch', { free_reduced_lunch: '' }, 'W208', 'No'],
  ['a lunch that is no answer', { free_reduced_lunch: 'maybe' }, 'E208', 'Yes'],
  ['an AP course without a score', { program_code: 'AP301' }, 'N306', '3'],
  ['a score of 33', { program_code: 'AP301', ap_exam_score: '33' }, 'E209', '3'],
  ['a completion', { sasid: ID(90) }],
  ['the same completion again', { sasid: ID(90) }, 'W223'],
  ['a pupil without lunch', { sasid: ID(91), program_code: 'IC111' }, 'W211'],
  ['the same pupil with lunch', { sasid: ID(91), program_code: 'IC112', free_reduced_lunch: 'Yes' }, 'W211', 'No'],
];
// The rows above the first mistake: a title, as of cells drawn together, and the headings.
const ABOVE = 2;

const sound = ([, instead], at) => Object.values({ ...SOUND, sasid: ID(at), ...instead });
const titles = 'District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch,Graduation Credit,AP Exam Score';
const lines = ['Completions of spring', titles, ...MISTAKES.map((mistake, at) => sound(mistake, at).join(',')), 'Total,,33', 'Note: rows in yellow were checked by hand'];

const scratch = mkdtempSync(join(tmpdir(), 'cdip-mistakes-'));
const browser = await chromium.launch({ executablePath: chrome, args: ['--no-sandbox'] });
try {
  const context = await browser.newContext({ acceptDownloads: true });
  await context.setOffline(true);
  const page = await context.newPage();
  const requests = [];
  page.on('request', (request) => { if (!/^(file|blob):/.test(request.url())) requests.push(request.url()); });
  page.on('pageerror', (error) => assert.fail(error.message));
  await page.goto(pathToFileURL(html).href);
  await page.waitForSelector('#choose:not([disabled])', shown);
  const file = join(scratch, '0897 spring.csv');
  writeFileSync(file, lines.join('\n'));
  await page.setInputFiles('#input', file);
  await page.waitForSelector('#verdict', shown);

  const of = (code, row) => page.locator(`[data-item^="${code}|${row}|"]`);
  const press = async (button) => {
    await button.focus();
    await page.keyboard.press('Enter');
  };
  for (const [at, [what, , code, fix]] of MISTAKES.entries()) {
    const isDone = ['W201', 'W202', 'W226'].includes(code);
    if (code && !isDone) assert.equal(await of(code, at + 1 + ABOVE).count(), 1, `${what} is not found`);
    if (!code) assert.equal(await page.locator(`[data-item*="|${at + 1 + ABOVE}|"]`).count(), 0, `${what} is read`);
    if (isDone) assert.equal(fix, undefined);
  }
  assert.match(await page.textContent('#result'), /zero/i, 'restored zeros are told');
  const [total, note] = [MISTAKES.length + 1 + ABOVE, MISTAKES.length + 2 + ABOVE];
  for (const row of [total, note]) assert.equal(await of('W222', row).count(), 1);

  // The keyboard alone.
  for (const [at, [what, , code, fix]] of MISTAKES.entries()) {
    if (fix === undefined) continue;
    const item = of(code, at + 1 + ABOVE);
    const choice = item.getByRole('button', { name: new RegExp(`^${fix === USE ? 'Use ' : `${fix}, `}`) });
    if (fix === USE || await choice.count() > 0) {
      await press(choice.first());
    } else {
      const open = item.getByRole('button', { name: /^Choose another value/ });
      if (await open.count() > 0) await press(open); else await item.locator('input').focus();
      await page.keyboard.press('Control+A');
      await page.keyboard.type(fix);
      await page.keyboard.press('Enter');
    }
    await item.waitFor({ state: 'detached', timeout: 60000 }).catch(() => assert.fail(`${what} is not mended`));
  }
  for (const row of [total, note]) {
    const item = of('W222', row);
    await press(item.locator('button.main'));
    await item.waitFor({ state: 'detached', timeout: 60000 });
  }
  // The code that ended, a date of another year, and the same completion twice.
  assert.match(await page.textContent('#verdict'), /^Ready to send\..* 3 rows earn nothing and may stay\.$/);

  const [download] = await Promise.all([page.waitForEvent('download'), press(page.getByRole('button', { name: 'Download my file, corrected' }))]);
  const corrected = join(scratch, download.suggestedFilename());
  await download.saveAs(corrected);
  const words = ['check', corrected, '--rules', '2024-25', '--programs', join(batch, 'qualified-programs.xlsx'), '--participants', join(batch, 'participants.xlsx'), '--format', 'json'];
  let said;
  try {
    said = execFileSync(cdip, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    said = error.stdout;
  }
  const { rows, findings } = JSON.parse(said);
  assert.deepEqual(rows, { pass: MISTAKES.length - 3, rejected: 0, not_qualified: 2, held: 0, duplicate: 1, denied: 0 });
  const codes = findings.filter(({ open }) => open).map(({ code }) => code);
  assert.deepEqual([...new Set(codes)].filter((code) => !['W226'].includes(code)).sort(), ['N301', 'N303', 'W223']);
  assert.deepEqual(requests, []);
  console.log(`${MISTAKES.length + 2} rows of mistakes are found and mended by the keyboard; the program finds nothing to fix`);
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
}
