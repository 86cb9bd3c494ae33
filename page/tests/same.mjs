// Page and program say the same: for every vector, every message of the gallery and every file of the sample.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { checked, here, opened, partsOf } from './engine.mjs';

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

async function compare(what, batch, submissions) {
  const page = join(scratch, 'page.html');
  // A batch that the program refuses has no page.
  if (program('page', '--batch', batch, '--out', page) === null) return false;
  const parts = partsOf(page);
  const room = await opened(engineOf ? { ...parts, engine: partsOf(engineOf).engine } : parts);
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
  assert.ok(compared > 150 && findings > 1000, `${compared} files with ${findings} findings are too few`);
  console.log(`page and program say the same of ${compared} files with ${findings} findings`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
