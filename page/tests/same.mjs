// Page and program say the same: for every vector, every message of the gallery, every file of the sample, and files drawn at random.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { checked, found, here, opened, partsOf } from './engine.mjs';

const [cdip, engineOf] = process.argv.slice(2);
const root = join(here, '..');
const scratch = mkdtempSync(join(tmpdir(), 'cdip-page-'));

const filesBelow = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]);

// The batch without what a page never has: a ledger and decisions.
function without(batch) {
  const copy = join(scratch, 'batch');
  rmSync(copy, { recursive: true, force: true });
  cpSync(batch, copy, { recursive: true });
  for (const name of readdirSync(copy)) {
    if (/^(prior-payments|resolutions)\./.test(name)) rmSync(join(copy, name));
  }
  return copy;
}

const program = (...words) => {
  try {
    return execFileSync(cdip, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
  } catch (error) {
    // 1: something is to be corrected; 3: nothing could be read.
    if (error.status === 1 || error.status === 3) return error.stdout;
    return null;
  }
};

let compared = 0;
let findings = 0;

// The engine of a batch's page, and the page's part that opens it. A batch that the program refuses has no page.
async function roomOf(batch) {
  const page = join(scratch, 'page.html');
  if (program('page', '--batch', batch, '--out', page) === null) return {};
  const parts = partsOf(page);
  const room = await opened(engineOf ? { ...parts, engine: partsOf(engineOf).engine } : parts);
  return { room, kit: parts.kit };
}

async function compare(what, batch, submissions) {
  const { room } = await roomOf(batch);
  if (!room) return false;
  for (const files of submissions) {
    // Strays that the program passes over are chosen by nobody.
    const given = files.filter((file) => !/(^|\/)(~\$|\.)/.test(file) && statSync(file).isFile());
    if (given.length === 0) continue;
    const said = JSON.parse(program('check', ...given, '--batch', batch, '--format', 'json'));
    const named = given.map((file) => {
      const inside = relative(batch, file);
      return [inside.startsWith('..') ? file : inside, readFileSync(file)];
    });
    assert.deepEqual(checked(room, named), said, `${what}: ${given.join(', ')}`);
    compared += given.length;
    findings += said.findings.length;
  }
  return true;
}

// A generator that draws the same everywhere (mulberry32).
function drawer(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// What cells can say: what is right most of the time, and every way to be wrong that districts have.
const CELLS = {
  'District Code': ['0017', '0017', '0017', '17', '0897', '9999', '', 'ABC', '0017.0', '="0017"'],
  'School Code': ['0101', '0101', '101', '0000', '4523', '', 'UUUU', "'0101"],
  SASID: ['', '9.91E+09', '9910000000', '123456789', '1111111111', '100000000O'],
  Grade: ['12', '11', '9th', 'Gr 10', 'Senior', '8', 'K', '13', '', 'Alumni', '090'],
  'Program Code': ['IC101', 'IC101', 'ic102', 'IC1O1', 'IC-117', 'CNA', 'IC143', 'AP301', 'XX9', '', '=1+1', 'Certified nurse aide'],
  'Completion Date': ['5/17/2024', '2024-05-17', 'May 17, 2024', '17-May-24', '45420', '5/17/2023', '13/13/2024', 'May', '', '2024-05-17T08:00:00'],
  'Free/Reduced Lunch': ['Yes', 'No', 'F', 'R', 'P', 'Free', '', 'maybe', '0', '1', '2', '00'],
  'Graduation Credit': ['Yes', 'No', '', 'some', 'Y'],
  'AP Exam Score': ['', '3', '2', '33', '5.0'],
  'School Year': ['2023-24', '', '2022-23', '2023'],
  'Program Name': ['Certified nurse aide', '', 'Welding', 'Zo\u00eb'],
  'Last Name': ['Doe', 'Total', '', 'Caf\u0065\u0301', 'a\u200bb'],
};
// What cells of any other column say.
const WORDS = ['', 'Yes', '7', '70', '7.5', 'a word'];

// A file of text with the page's columns and others: name and bytes.
function drawn(random, number, fields) {
  const of = (list) => list[Math.floor(random() * list.length)];
  const required = new Set(fields.filter((field) => field.required).map(({ title }) => title));
  const known = [...new Set([...fields.map(({ title }) => title), ...Object.keys(CELLS)])];
  const titles = known.filter((title) => random() > (required.has(title) ? 0.02 : 0.4));
  titles.sort(() => random() - 0.5);
  const delimiter = of([',', ',', ',', ';', '\t', '|', '~']);
  const cell = (text) => (text.includes(delimiter) || (random() < 0.05) ? `"${text}"` : text);
  const rows = Array.from({ length: Math.floor(random() * 12) }, () => titles.map((title) =>
    cell(title === 'SASID' && random() > 0.15 ? String(1000000000 + Math.floor(random() * 40)) : of(CELLS[title] ?? WORDS))));
  const lines = [titles.map((title) => (random() < 0.1 ? title.toUpperCase() : title)), ...rows];
  if (random() < 0.2) lines.unshift(['Export of 6/1/2024']);
  if (random() < 0.2) lines.push(['Total', '', String(rows.length)]);
  if (random() < 0.1) lines.push(Array.from({ length: titles.length + 2 }, () => 'x'));
  const text = lines.map((line) => line.join(delimiter)).join(of(['\n', '\r\n']));
  const wide = () => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  const bytes = of([() => Buffer.from(text), () => Buffer.from(text), () => Buffer.from(`\ufeff${text}`), wide, () => Buffer.from(text, 'latin1')])();
  return [`${of(['0017 ', '0897 ', ''])}drawn ${number}.${of(['csv', 'csv', 'txt'])}`, bytes];
}

const DRAWN = 500;
const TOGETHER = 10;

async function drawnFiles(batch) {
  const { room, kit } = await roomOf(batch);
  assert.ok(room, 'the program makes no page: it must be built with the feature page');
  const { fields } = room.ask({ verb: 'open' }, kit).value;
  const random = drawer(20241129);
  const folder = join(scratch, 'drawn');
  mkdirSync(folder);
  const paths = Array.from({ length: DRAWN }, (_, number) => {
    const [name, bytes] = drawn(random, number, fields);
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  });
  return Array.from({ length: DRAWN / TOGETHER }, (_, at) => paths.slice(at * TOGETHER, (at + 1) * TOGETHER).sort());
}

// An export of a student system with other headings than the state's, one of them a number: page and program take the same columns
// for the same fields, and once these are confirmed they say the same.
async function compareExport(batch) {
  const file = join(scratch, '0017 export.csv');
  const lines = [
    ['Last Name', 'State Student Number', 'School Number', 'Grade Level', '504', 'GPA', 'Cert Code', 'Date Awarded', 'Meal Code', 'HS Credit'],
    ...['1', '2', '3', '4', '5', '6'].map((pupil) => ['Doe', `100000000${pupil}`, '0101', '12', 'N', '3.21', pupil === '6' ? 'IC1O1' : 'IC101', '5/17/2024', 'FRP'[pupil % 3], 'Y']),
  ];
  writeFileSync(file, ['Credential Earners', '', ...lines.map((cells) => cells.join(','))].join('\n'));
  const out = join(scratch, 'headings.csv');
  assert.notEqual(program('check', file, '--batch', batch, '--columns-out', out), null, 'the program guesses the columns of an export');
  const { room, kit } = await roomOf(batch);
  const { fields } = room.ask({ verb: 'open' }, kit).value;
  const guessed = readFileSync(out, 'utf8').trim().split(/\r?\n/).slice(1).map((line) => line.split(','));
  const columns = Object.fromEntries(guessed.flatMap(([ours, yours]) => fields.filter(({ title }) => title === ours && yours).map(({ key }) => [key, yours])));
  const { sheets } = room.ask({ verb: 'add', name: file }, readFileSync(file)).value;
  const offered = Object.fromEntries(sheets[0].columns.filter(({ key }) => key).map(({ key, heading }) => [key, heading]));
  assert.deepEqual(offered, columns, 'page and program take the same columns for the same fields');
  assert.equal(Object.keys(columns).length, 7);
  assert.ok(guessed.some(([ours, yours]) => ours === '' && yours === '504'), 'a number is a heading, and not used');
  const said = JSON.parse(program('check', file, '--batch', batch, '--columns', out, '--format', 'json'));
  const confirmed = { columns, constants: { district_code: '0017' } };
  assert.deepEqual(found(room, confirmed), said, 'an export');
  assert.ok(said.findings.some(({ code }) => code === 'N301'), 'the slip is found');
  compared += 1;
  findings += said.findings.length;
}

// A page takes the place of a page, and of no other file.
function replacesPagesOnly(batch, submission) {
  const before = readFileSync(submission);
  assert.equal(program('page', '--batch', batch, '--out', submission), null, 'a page is written over a submission');
  assert.deepEqual(readFileSync(submission), before);
  const page = join(scratch, 'twice.html');
  for (const time of ['first', 'second']) assert.notEqual(program('page', '--batch', batch, '--out', page), null, `the ${time} page`);
}

try {
  for (const vector of readdirSync(join(root, 'tests/vectors')).sort()) {
    const batch = without(join(root, 'tests/vectors', vector));
    const folder = join(batch, 'submissions');
    if (!existsSync(folder)) continue;
    await compare(`vector ${vector}`, batch, [filesBelow(folder)]);
  }
  const gallery = join(root, 'docs/messages');
  const shared = without(join(gallery, 'batch'));
  const own = readdirSync(gallery).filter((name) => /^[A-Z]\d{3}$/.test(name)).sort();
  // A page takes files and no folders: what is about a folder only the program says.
  const plain = own.filter((code) => !existsSync(join(gallery, code, 'batch.toml')));
  await compare('gallery', shared, plain.map((code) => filesBelow(join(gallery, code))));
  for (const code of own.filter((code) => !plain.includes(code))) {
    const batch = without(join(gallery, code));
    if (existsSync(join(batch, 'submissions'))) await compare(`gallery ${code}`, batch, [filesBelow(join(batch, 'submissions'))]);
  }
  const sample = without(join(root, 'samples/statewide-2024-25'));
  const submissions = filesBelow(join(sample, 'submissions'));
  await compare('sample', sample, submissions.map((file) => [file]));
  await compare('drawn', sample, await drawnFiles(sample));
  await compareExport(sample);
  replacesPagesOnly(sample, submissions[0]);
  assert.ok(compared > 150 + DRAWN && findings > 1000, `${compared} files with ${findings} findings are too few`);
  console.log(`page and program say the same of ${compared} files with ${findings} findings`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
