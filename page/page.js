// The district's page: what she sees and does. What is right and wrong, and every word about it, comes from the engine.
'use strict';

const ITEMS_SHOWN = 20;
const ROW_HEIGHT = 40;
const ROWS_ASKED = 60;
const MEGABYTE = 1048576;
const KEPT = 'cdip-headings';

const $ = (id) => document.getElementById(id);

// ---- small tools ---------------------------------------------------------------------------------------------------------------------

// An element: attributes, properties that begin with "on", and children.
function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(9).filter((child) => child || child === 0));
  return element;
}

const button = (words, onclick, attributes) => h('button', { type: 'button', onclick, ...attributes }, words);
const plural = (count, one, many) => `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
const rowsOf = (count) => plural(count, 'row', 'rows');
const say = (words) => { $('live').textContent = words; };
const show = (id, ...children) => { $(id).replaceChildren(...children.flat(9).filter(Boolean)); $(id).hidden = children.length === 0; };

function download(name, bytes) {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' }));
  const link = h('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
  say(`Saved: ${name}`);
}

// ---- the engine ----------------------------------------------------------------------------------------------------------------------

let worker = null;
let started = null;
const waiting = new Map();
let asked = 0;

async function ask(verb, more, bytes, begins) {
  if (!begins) await started;
  const id = ++asked;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, verb });
    worker.postMessage({ id, begins, head: { verb, ...more }, bytes });
  });
}

function answered({ data: { id, value, bytes, stopped } }) {
  const { resolve, reject, verb } = waiting.get(id);
  waiting.delete(id);
  if (stopped) return crashed(verb, stopped);
  if (value.error) return reject(value);
  return resolve({ value, bytes });
}

// Begins the engine, also anew after it stopped: a file that stops it must not keep the next one from being read.
function begin() {
  worker?.terminate();
  waiting.clear();
  started = begun();
  return started;
}

async function begun() {
  const source = $('worker').textContent;
  worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
  worker.onmessage = answered;
  worker.onerror = (event) => crashed('begin', event.message ?? '');
  const packed = Uint8Array.from(atob($('engine').textContent), (letter) => letter.charCodeAt(0));
  const kit = new TextEncoder().encode($('kit').textContent);
  year = (await ask('open', {}, kit, packed)).value;
  $('old').hidden = true;
  for (const id of ['choose', 'template', 'example']) $(id).disabled = false;
}

// ---- what is known -------------------------------------------------------------------------------------------------------------------

let year = null;
let now = fresh();
let before = null;

function fresh() {
  return {
    files: [], looks: [], look: null, reading: null, result: null, first: null, order: [], changes: [], seen: {}, wrong: null, expects: false,
    sheets: [], gone: [], good: null, only: true, which: 'fix', sheet: '0-0', confirmed: { columns: {}, constants: {}, delimiters: {}, entity: null, fixes: [], left_out: [] },
  };
}

const field = (key) => year.fields.find((one) => one.key === key);
// All there is to do, by its place, and by what it says wherever it is.
const workOf = (result) => new Map(result.groups.filter((group) => group.work === 'fix' || group.work === 'look')
  .flatMap((group) => group.items.map((item) => [keyOf(item), `${item.code}|${item.key}|${item.typed}|${item.about}`])));
// Headings compare without case, spaces and punctuation.
const bare = (heading) => heading.normalize('NFC').replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
const fileName = (path) => path.split('/').pop();
const keyOf = (item) => `${item.code}|${item.row}|${item.key}`;
const sameRow = (one, other) => one.file === other.file && one.sheet === other.sheet && one.row === other.row;
const inPage = (item) => document.querySelector(`[data-item="${CSS.escape(keyOf(item))}"]`);

// Where each step is done.
const STEPS = ['file', 'headings', 'fixes', 'send'];

function step(current) {
  const names = ['File', 'Headings', 'Fix', 'Send'];
  const words = (name, index) => `${index + 1} ${name}${index + 1 < current ? ' (done)' : ''}`;
  const there = (index) => !$(STEPS[index]).hidden;
  $('steps').replaceChildren(...names.map((name, index) => h('li', { 'aria-current': index + 1 === current ? 'step' : null },
    there(index) ? h('a', { href: `#${STEPS[index]}` }, words(name, index)) : words(name, index))));
}

// ---- files ---------------------------------------------------------------------------------------------------------------------------

const SECTIONS = ['headings', 'result', 'fixes', 'table', 'send', 'expect'];

function clear() {
  for (const id of SECTIONS) show(id);
  show('trouble');
  checked(false);
}

// Once a file is checked its place becomes a line, so that what to do is on the first screen.
function checked(is) {
  $('file').classList.toggle('done', is);
  $('choose').textContent = is ? 'Choose another file' : 'Choose your file (Excel or csv)';
}

async function take(files) {
  if (files.length === 0) return;
  if (unsaved() && !window.confirm('Your corrections are not downloaded yet. Open another file and lose them?')) return;
  before = now.first ? workOf(now.first) : before;
  now = fresh();
  clear();
  step(1);
  say('Reading your file.');
  $('given').textContent = 'Reading ...';
  await ask('forget', {});
  const refused = [];
  for (const file of files) {
    if (file.size > year.file_bytes_max) {
      const [has, most] = [Math.ceil(file.size / MEGABYTE), Math.floor(year.file_bytes_max / MEGABYTE)];
      refused.push({ name: file.name, message: `The file has ${has} MB; at most ${most} MB are read`, fix: 'Save only the completions in a new workbook.' });
      continue;
    }
    now.reading = file.name;
    let bytes;
    try {
      bytes = new Uint8Array(await file.arrayBuffer());
    } catch {
      refused.push({ name: file.name, message: 'The file cannot be opened', fix: 'Close it in Excel, or copy it to this computer first. Then choose it again.' });
      continue;
    }
    const { value } = await ask('add', { name: file.name }, bytes);
    now.looks.push(value);
    if (value.refused) refused.push({ name: value.name, ...value.refused });
  }
  $('empty').hidden = true;
  $('given').replaceChildren('You chose ', h('strong', {}, [...files].map((file) => file.name).join(', ')),
    files.length === 1 ? `, saved ${new Date(files[0].lastModified).toLocaleString('en-US', { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: '2-digit' })}.` : '.');
  if (refused.length > 0) return troubled(refused);
  const list = now.looks.map((look) => wrongList(look)).find(Boolean);
  if (list) return troubled([{ name: list.name, message: `This looks like ${list.what}, not like a list of completions`, fix: 'Choose the file with your completions.' }]);
  const strange = now.looks.filter((look) => !look.sheets.some((sheet) => sheet.plain));
  if (strange.length > 0) return confirmHeadings(strange[0]);
  return check();
}

function wrongList({ name, sheets }) {
  const headings = sheets.flatMap((sheet) => sheet.columns.map((column) => column.heading.toLowerCase()));
  const completions = sheets.some((sheet) => sheet.columns.some((column) => column.key === 'sasid'));
  if (completions) return null;
  if (headings.includes('participating')) return { name, what: 'the participants list' };
  if (headings.includes('category') && headings.includes('program name')) return { name, what: 'the list of qualified programs' };
  return null;
}

// What went wrong, file by file, and what was not done for it. Once a file is checked, its name stays.
function troubled(refused, undone = 'checked') {
  if (!now.first && !now.look) $('given').replaceChildren();
  show('trouble', refused.map(({ name, message, fix, code }) => h('div', { class: 'notice stop' },
    h('h2', { tabindex: '-1' }, `${name} was not ${undone}`),
    h('p', {}, `${message[0].toUpperCase()}${message.slice(1)}.`),
    h('p', {}, h('strong', {}, 'What to do: '), fix),
    h('p', { class: 'small' }, 'Your file was not changed.', code ? ` (${code})` : ''))));
  $('trouble').querySelector('h2').focus();
  say(refused[0].message);
}

// The engine stopped, and says nothing more. Where it had begun it begins anew; while it reads a file, the file is the reason.
function crashed(verb, words) {
  clear();
  const details = h('details', {}, h('summary', {}, 'Details for support (no pupil data)'),
    h('p', { class: 'typed' }, `cdip ${year?.version ?? '?'}, ${year?.rules ?? '?'}; ${verb}: ${words}; ${navigator.userAgent}`));
  const begins = year === null || verb === 'open';
  const reads = !begins && now.first === null;
  const lost = unsaved() && ' The corrections that you had not downloaded are lost.';
  const name = now.reading ?? 'Your file';
  now = fresh();
  step(1);
  show('trouble', h('div', { class: 'notice stop' },
    h('h2', { tabindex: '-1' }, reads ? `${name} was not checked` : 'The page stopped'),
    reads && h('p', {}, 'The page could not read it: something in the file is damaged.'),
    h('p', {}, h('strong', {}, 'What to do: '), begins ? 'Reload the page and try again.'
      : reads ? 'Open it in Excel, save it again as an Excel workbook (.xlsx), and drop that file here.' : 'Choose your file again.'),
    h('p', { class: 'small' }, 'Your file was not changed.', lost || ''),
    begins && button('Reload the page', () => location.reload(), { class: 'main' }), details));
  $('old').hidden = true;
  $('given').replaceChildren();
  $('trouble').querySelector('h2').focus();
  say(`${reads ? `${name} was not checked.` : 'The page stopped.'} Your file was not changed.`);
  if (!begins) begin().catch((error) => crashed('open', String(error?.message ?? error?.error ?? error)));
}

// ---- headings ------------------------------------------------------------------------------------------------------------------------

function kept() {
  try { return JSON.parse(localStorage.getItem(KEPT)) ?? {}; } catch { return {}; }
}

const headingsButton = (path) => button('Change headings', () => changeHeadings(path));

// Back to the headings of a checked file, with all that she decided since.
function changeHeadings(path) {
  clear();
  confirmHeadings(now.look ?? now.looks.find((look) => look.name === fileName(path ?? '')) ?? now.looks[0]);
}

// `tried` is what she chose before, if nothing could be read with it.
function confirmHeadings(look, tried = now.confirmed) {
  step(2);
  const sheet = look.sheets[0];
  if (!sheet) return troubled([{ name: look.name, message: 'The file is empty', fix: 'Choose the file with your completions.' }]);
  const remembered = kept();
  const columns = sheet.columns;
  const proposed = (answers) => {
    const answered = Object.keys(answers).length > 0;
    // What is remembered is of another file: it says nothing of how this one was read.
    const known = answered ? answers : now.result ? {} : remembered;
    const all = year.fields.map(({ key }) => [key, columns.find((column) => column.heading === known[key]) ?? (!answered && columns.find((column) => column.key === key))]);
    return Object.fromEntries(all.filter(([, own]) => own).map(([key, own]) => [key, own.heading]));
  };
  const was = proposed(now.confirmed.columns);
  const chosen = proposed(tried.columns);
  const named = /^(\d{4})(?!\d)/.exec(look.name)?.[1];
  const district = h('select', { id: 'constant-district' }, h('option', { value: '' }, 'Choose your district'),
    year.districts.map(({ code, name }) => h('option', { value: code, selected: code === (tried.constants.district_code ?? named) }, `${code} ${name}`)));
  const unused = h('p', { class: 'small' });
  const problem = h('p', { role: 'alert' });
  const keep = h('input', { type: 'checkbox', id: 'keep', checked: Object.keys(remembered).length > 0 });
  const refresh = () => {
    const used = new Set(Object.values(chosen));
    const rest = columns.map((column) => column.heading).filter((heading) => !used.has(heading));
    const first = rest.slice(0, 8).join(', ') + (rest.length > 8 ? ` and ${rest.length - 8} more` : '');
    unused.textContent = rest.length > 0 ? `Not used and not looked at: ${first}.` : '';
    if ($('district-row')) $('district-row').hidden = Boolean(chosen.district_code);
  };
  const line = ({ key, title, required }) => {
    const example = h('span', {});
    const describe = () => { example.textContent = columns.find((column) => column.heading === chosen[key])?.example ?? ''; };
    const select = h('select', { 'aria-label': `Your heading for ${title}`, 'data-key': key, onchange: () => {
      if (select.value) chosen[key] = select.value; else delete chosen[key];
      describe();
      refresh();
    } }, h('option', { value: '' }, required && key !== 'district_code' ? 'Choose a column' : 'Not in my file'),
    columns.map(({ heading }) => h('option', { value: heading, selected: heading === chosen[key] }, heading)));
    describe();
    return h('tr', {}, h('th', { scope: 'row' }, title, required ? '' : h('span', { class: 'small' }, ' (optional)')), h('td', {}, select), h('td', {}, example));
  };
  const go = () => {
    const missing = year.fields.filter(({ key, required }) => required && !chosen[key] && !(key === 'district_code' && district.value));
    if (missing.length > 0) {
      const columns = missing.filter(({ key }) => key !== 'district_code').map(({ title }) => title);
      problem.textContent = [columns.length > 0 && `Choose a column for ${columns.join(', ')}.`, columns.length < missing.length && 'Choose your district.'].filter(Boolean).join(' ');
      return;
    }
    const twice = Object.values(chosen).find((heading, index, all) => all.indexOf(heading) !== index);
    if (twice) {
      problem.textContent = `The column “${twice}” is chosen twice.`;
      return;
    }
    // A correction belongs to the column in which it was made.
    const stays = ({ key }) => key === null || chosen[key] === was[key];
    const { confirmed, changes, first } = now;
    now.good = first && { confirmed, changes, first };
    const ofConstant = confirmed.entity === confirmed.constants.district_code;
    now.confirmed = {
      ...confirmed,
      columns: { ...chosen },
      constants: chosen.district_code ? {} : { district_code: district.value },
      // A district that was chosen for want of a column goes once there is one.
      entity: chosen.district_code ? (ofConstant ? null : confirmed.entity) : named === district.value ? null : district.value,
      // Only this file was looked at: any other may have another delimiter.
      delimiters: look.delimiter ? { [look.name]: look.delimiter } : {},
      fixes: confirmed.fixes.filter(stays),
      left_out: confirmed.left_out.slice(),
    };
    now.changes = changes.filter(stays);
    Object.assign(now, { first: null, look, gone: [] });
    try {
      if (keep.checked) localStorage.setItem(KEPT, JSON.stringify(chosen)); else localStorage.removeItem(KEPT);
    } catch { /* A browser that keeps nothing keeps no headings. */ }
    show('headings');
    check();
  };
  show('headings', h('h2', { id: 'headings-title', tabindex: '-1' }, 'Which column is which?'),
    h('p', {}, now.result ? 'Change what is wrong. Your corrections stay, except in a column that you change.'
      : 'Your headings are not those of the template. This is our best guess. Look at each line and change what is wrong.'),
    h('table', { class: 'stack' }, h('thead', {}, h('tr', {}, ['Ours', 'Yours', 'Example'].map((title) => h('th', { scope: 'col' }, title)))),
      h('tbody', {}, year.fields.map(line))),
    h('p', { id: 'district-row', class: 'notice' }, h('label', { for: 'constant-district' }, 'Your file has no district column. We use this district for all rows: '), district),
    unused, problem,
    h('p', {}, keep, ' ', h('label', { for: 'keep' }, 'Remember my headings on this computer')),
    h('div', { class: 'row' }, button('Check my file', go, { class: 'main', id: 'go' }), now.result && button('Cancel', () => { show('headings'); check(); })));
  refresh();
  $('headings-title').focus();
  say('Confirm your headings.');
}

// ---- the check -----------------------------------------------------------------------------------------------------------------------

// Checks again. `focus` says where she goes on; without it at the verdict.
async function check(focus) {
  show('trouble');
  let answer;
  try {
    answer = await ask('check', { confirmed: now.confirmed });
  } catch (stop) {
    return unreadable([{ name: 'Your file', message: stop.error, fix: stop.fix || 'Choose the file again.' }]);
  }
  const { files, groups } = answer.value;
  const refused = files.filter((file) => file.refused);
  if (refused.length > 0 && refused.length === files.length) {
    const group = groups.find((one) => one.items.some((item) => item.code === refused[0].refused));
    const [item] = group.items;
    return unreadable([{ name: fileName(item.path), message: item.message, fix: item.fix, code: item.code }]);
  }
  if (follow(files)) answer = await ask('check', { confirmed: now.confirmed });
  const stillWrong = focus?.typed && answer.value.groups.filter((group) => group.work === 'fix').flatMap((group) => group.items)
    .find((item) => item.place && item.key === focus.typed.key && sameRow(item.place, focus.typed.place));
  if (stillWrong) {
    // What is still wrong stays in the box, and nowhere else.
    [now.confirmed.fixes, now.changes] = focus.before;
    now.wrong = { key: keyOf(focus.typed), words: stillWrong.message, value: focus.value };
    answer = await ask('check', { confirmed: now.confirmed });
  } else {
    now.wrong = null;
  }
  now.result = answer.value;
  now.good = null;
  now.first ??= answer.value;
  inOrder();
  checked(true);
  showResult();
  showFixes();
  showTable();
  showSend();
  step(now.result.verdict.kind === 'stop' ? 3 : 4);
  showExpect();
  const { fix } = now.result.counts;
  if (stillWrong) {
    say(`Not right yet: ${stillWrong.message}.`);
    toType(inPage(focus.typed)).focus();
  } else if (focus) {
    say(`${focus.words} ${fix > 0 ? `${rowsOf(fix)} left to fix.` : now.result.verdict.text}`);
    toType(focus.find()).focus();
  } else {
    say(now.result.verdict.text);
    $('verdict').focus();
  }
}

// Nothing can be read. Where she chose the headings she can choose again, and what she had decided before is kept.
function unreadable(refused) {
  if (!now.look) return troubled(refused);
  const tried = now.confirmed;
  Object.assign(now, now.good, { good: null });
  clear();
  confirmHeadings(now.look, tried);
  return troubled(refused);
}

// A sheet is known by its number among those that are read, and other headings can make other sheets readable: what she decided goes with
// the name of its sheet. Says whether anything moved.
function follow(files) {
  const was = now.sheets;
  now.sheets = files.map((file, at) => (file.refused ? was[at] ?? [] : file.sheets.map(({ name }) => name)));
  if (JSON.stringify(was) === JSON.stringify(now.sheets) || now.changes.length === 0) return false;
  const single = (names, name) => names.filter((one) => one === name).length === 1;
  const moved = (place) => {
    const [old, all] = [was[place.file], now.sheets[place.file]];
    if (JSON.stringify(old) === JSON.stringify(all)) return place;
    const name = old[place.sheet];
    return single(old, name) && single(all, name) ? { ...place, sheet: all.indexOf(name) } : null;
  };
  const lost = now.changes.filter(({ place }) => !moved(place)).map(({ place }) => [fileName(files[place.file].path), was[place.file][place.sheet]]);
  now.gone = [...new Set(lost.map(([file, sheet]) => `Your corrections of ${file}${sheet ? `, sheet “${sheet}”,` : ''} are gone: with these headings the sheet is not read.`))];
  now.confirmed.fixes = now.confirmed.fixes.map(moved).filter(Boolean);
  now.confirmed.left_out = now.confirmed.left_out.map(moved).filter(Boolean);
  now.changes = now.changes.map((one) => ({ ...one, place: moved(one.place) })).filter(({ place }) => place);
  return true;
}

// She goes on typing where she can.
const toType = (item) => item?.querySelector?.('form input') ?? item ?? $('verdict');

// Groups stay where they were, however many rows are left in them. What is about a whole file can mend its rows, and comes before them.
function inOrder() {
  const place = ({ work, title }) => `${work} ${title}`;
  const { groups } = now.result;
  for (const group of groups) if (!now.order.includes(place(group))) now.order.push(place(group));
  const works = ['fix', 'look', 'fact', 'done'];
  const rank = (group) => works.indexOf(group.work) * 1000 + (group.items[0].place ? 500 : 0) + now.order.indexOf(place(group));
  groups.sort((one, other) => rank(one) - rank(other));
}

const unsaved = () => now.changes.some((change) => !change.saved);

function showResult() {
  const { verdict, counts, entity, years, schools, groups } = now.result;
  const kind = { stop: 'stop', send: 'look', ready: 'good' }[verdict.kind];
  const number = (name, count, words) => h('div', {}, h('dt', {}, name), h('dd', {}, count.toLocaleString('en-US')), h('dd', { class: 'small' }, words));
  const done = groups.filter((group) => group.work === 'done').map((group) => (group.code === 'W227' ? group.items[0].message
    : `${group.title[0].toLowerCase()}${group.title.slice(1)} (${rowsOf(group.count)})`));
  show('result', h('div', { class: `notice ${kind}` }, h('h2', { id: 'verdict', tabindex: '-1' }, verdict.text)),
    counts.total > 0 && h('dl', { class: 'counts' }, number('Ready', counts.ready, 'nothing to do'), number('Look again', counts.look, counts.look === 1 ? 'counts as it is' : 'count as they are'),
      number('Fix', counts.fix, counts.fix === 1 ? 'before you send it' : 'before you send them'), number('Earn nothing', counts.nothing, counts.nothing === 1 ? 'leave it in if it is true' : 'leave them in if they are true')),
    counts.total > 0 && h('p', { class: 'small' }, `${rowsOf(counts.total)} in all: the four numbers add up to ${counts.total === 1 ? 'it' : 'them'}.`),
    h('p', { class: 'onlyprint' }, `${now.result.files.map((file) => fileName(file.path)).join(', ')}, checked ${new Date().toLocaleDateString('en-US', { dateStyle: 'medium' })}.`),
    now.gone.map((words) => h('p', { class: 'notice look' }, words)),
    again(), whose(entity), yearsNotice(years),
    done.length > 0 && h('p', {}, h('strong', {}, 'Read for you, nothing to do: '), `${done.join('; ')}.`),
    schools && h('p', {}, schools), h('p', { class: 'noprint' }, headingsButton()));
}

function again() {
  if (!before) return null;
  const [old, added] = [new Map(before), workOf(now.first)];
  const all = added.size;
  for (const key of before.keys()) if (added.delete(key)) old.delete(key);
  // A row that moved, because one above it is gone, is still the same.
  const places = new Map();
  for (const [key, what] of old) places.set(what, [...places.get(what) ?? [], key]);
  for (const [key, what] of added) {
    const moved = places.get(what)?.pop();
    if (moved && old.delete(moved)) added.delete(key);
  }
  return h('p', {}, `Since your last file: ${old.size} fixed, ${added.size} new, ${all - added.size} left.`);
}

function whose(entity) {
  if (!entity) return null;
  const name = (code, called) => called ? `${code} ${called}` : code;
  const others = entity.others.map((other) => h('li', {}, `${rowsOf(other.rows)} ${other.rows === 1 ? 'says' : 'say'} ${name(other.code, other.name)}: ${other.rows === 1 ? 'row' : 'rows'} ${other.first.join(', ')}${other.rows > other.first.length ? ' ...' : ''}`));
  if (entity.named && others.length === 0) return h('p', {}, `This is the file of ${name(entity.code, entity.name)}.`);
  if (entity.named) return h('div', { class: 'notice look' }, h('p', {}, `This file is from ${name(entity.code, entity.name)}, but some rows say another district:`), h('ul', {}, others),
    now.result.groups.some((group) => group.items.some((item) => item.strangers)) && h('p', {}, 'Below, say for each of them: use ', h('strong', {}, entity.code), ' if the pupil is yours, or leave the row out if not.'));
  const select = h('select', { id: 'entity' }, year.districts.map((one) => h('option', { value: one.code, selected: one.code === entity.code }, name(one.code, one.name))));
  const set = (code) => { now.confirmed.entity = code; check({ words: 'Checked again.', find: () => null }); };
  return h('div', { class: 'notice look', id: 'whose' },
    h('h3', {}, `This looks like ${name(entity.code, entity.name)} (${entity.rows} of ${rowsOf(entity.total)}). Right?`),
    others.length > 0 && h('ul', {}, others),
    h('div', { class: 'row' }, button(`Yes, ${entity.code}`, () => set(entity.code), { class: 'main' }),
      h('label', { for: 'entity' }, 'or another district:'), select, button('Use it', () => set(select.value))));
}

function yearsNotice({ inside, outside }) {
  if (outside <= inside) return null;
  return h('p', { class: 'notice look' }, h('strong', {}, `${outside} of ${inside + outside} dates are not in the school year ${year.school_year}. `),
    `This page is for completions from ${year.begins} to ${year.ends}. Is it the right file, and the right page?`);
}

// ---- fixes ---------------------------------------------------------------------------------------------------------------------------

const WORK = { fix: 'Fix', look: 'Look again', fact: 'Earns nothing' };

function showFixes() {
  const groups = now.result.groups.filter((group) => group.work !== 'done');
  if (groups.length === 0 && now.changes.length === 0) return show('fixes');
  const { counts, verdict } = now.result;
  const facts = groups.filter((group) => group.work === 'fact');
  const work = groups.filter((group) => group.work !== 'fact');
  return show('fixes', h('h2', { id: 'fixes-title', tabindex: '-1' }, work.some((group) => group.work === 'fix') ? 'What to fix' : work.length > 0 ? 'What to look at again' : 'Nothing to fix'),
    h('p', { class: 'left noprint' }, counts.fix > 0 ? `${rowsOf(counts.fix)} left to fix` : verdict.text),
    groups.length > 1 && inShort(work.concat(facts)),
    work.length > 0 && h('p', { class: 'small noprint' }, 'With the keyboard: J goes to the next row, K to the one before.'),
    work.map(groupOf),
    facts.length > 0 && [h('h2', {}, 'Rows that earn nothing'), h('p', {}, 'If these rows are true, leave them in: other reports need them. Correct only what is wrong.'), facts.map(groupOf)],
    changesList());
}

const rowsIn = (group) => (group.items[0]?.place ? rowsOf(group.count) : group.count);
const placeOf = (group) => `group-${now.order.indexOf(`${group.work} ${group.title}`)}`;

// All there is to do, before the rows of it.
function inShort(groups) {
  return h('nav', { 'aria-label': 'All there is to do' }, h('ol', { class: 'todo' }, groups.map((group) => h('li', {},
    h('span', { class: `tag ${group.work}` }, WORK[group.work]), h('a', { href: `#${placeOf(group)}` }, group.title), ` (${rowsIn(group)})`))));
}

function groupOf(group) {
  const open = now.seen[group.title] ?? ITEMS_SHOWN;
  const outs = group.items.filter((item) => item.leave_out || item.strangers);
  const ours = group.items.filter((item) => item.strangers && item.proposals.length > 0 && item.can_type);
  const sure = group.items.filter((item) => item.proposals[0]?.sure && item.can_type);
  const fixes = new Set(group.items.map((item) => item.fix));
  const unread = group.work === 'fix' && group.items.find((item) => item.key && !item.can_type);
  return h('section', { class: 'group', id: placeOf(group), 'aria-label': `${WORK[group.work]}: ${group.title}` },
    h('h3', {}, h('span', { class: `tag ${group.work}` }, WORK[group.work]), `${group.title} (${rowsIn(group)})`),
    fixes.size === 1 && group.items.every((item) => item.proposals.length === 0 && !item.leave_out) && h('p', {}, [...fixes][0]),
    h('details', { class: 'noprint' }, h('summary', { class: 'small' }, 'Why?'), h('p', { class: 'small' }, `${group.why} (${group.code})`)),
    unread && h('div', { class: 'row noprint' }, 'Is it in another column of your file?', headingsButton(unread.path)),
    sure.length > 1 && h('div', { class: 'row noprint' }, button(`Use the proposal in all ${sure.length}`, () => previewAll(sure))),
    outs.length > 1 && h('div', { class: 'row noprint' }, ours.length > 1 && button(`Use ${ours[0].proposals[0].value} in ${ours.length === 2 ? 'both' : `all ${ours.length}`}`, () => previewAll(ours)),
      button(outs.length === 2 ? 'Leave both rows out' : `Leave all ${outs.length} rows out`, () => leaveAllOut(outs))),
    h('ul', { class: 'items' }, group.items.slice(0, open).map((item) => itemOf(item, group.work, fixes.size > 1))),
    group.items.length > open && button(`Show ${Math.min(100, group.items.length - open)} more`, () => { now.seen[group.title] = open + 100; showFixes(); }),
    group.count > group.items.length && h('p', { class: 'small' }, `The first ${group.items.length} are listed.`));
}

const placeWords = (item) => [item.row ? `Row ${item.row}` : fileName(item.path), item.title,
  now.result.files.length > 1 && item.row ? fileName(item.path) : null,
  item.sheet_name && now.result.files.some((file) => file.sheets.length > 1) ? `sheet “${item.sheet_name}”` : null].filter(Boolean).join(', ');

// A line of a text file is a row here. What is quoted stays as it is.
const inRows = (words) => words.replace(/"[^"]*"|\bline(?=s? \d)/g, (found) => (found === 'line' ? 'row' : found));

// All that some cells can say: none of it is proposed, each is one key away. With one value there is nothing to choose.
function choicesOf(item) {
  const { choices } = field(item.key);
  return item.proposals.length === 0 && choices.length > 1 ? choices : null;
}

function itemOf(item, work, withFix) {
  const where = placeWords(item);
  const isWrong = now.wrong?.key === keyOf(item);
  const editor = h('div', {});
  // What could be an id is said by the message, by its shape.
  const quoted = typeof item.typed !== 'string' || field(item.key)?.private || item.message.includes(`"${item.typed}"`) ? null : item.typed === ''
    ? ': the cell is empty' : [': the cell says ', h('span', { class: 'typed' }, item.typed)];
  const canType = item.place && item.key && item.can_type && item.code !== 'W223';
  const choices = canType ? choicesOf(item) : null;
  const buttons = [];
  if (canType && work === 'fact') {
    // A fact is wrong if the cell is: it can be corrected, but nothing invites her to.
    buttons.push(button('It is wrong: correct it', () => edit(item, editor), { 'aria-label': `It is wrong: correct it, ${where}` }));
  } else if (canType) {
    item.proposals.forEach(({ value, says }, at) => buttons.push(button(`Use ${value}`, () => change(item, value),
      // Where only she knows the answer, none comes before the other.
      { class: at === 0 && work === 'fix' && !item.strangers ? 'main' : '', 'aria-label': `Use ${value} ${says} in row ${item.row}` })));
    if (choices) buttons.push(choices.map((value) => button(value, () => change(item, value), { 'aria-label': `${value}, ${where}` })));
    else if (item.proposals.length > 0) buttons.push(button('Choose another', () => edit(item, editor), { 'aria-label': `Choose another value, ${where}` }));
    else edit(item, editor, true);
  }
  const leave = item.place && (work === 'fix' || item.code === 'W223') && button('Leave this row out', () => leaveOut([item]),
    { class: item.leave_out ? 'main' : '', 'aria-label': `Leave this row out: row ${item.row}` });
  const go = item.place && button('Go to row', () => goTo(item), { 'aria-label': `Go to row ${item.row} in your table` });
  return h('li', { tabindex: '-1', 'data-item': keyOf(item), 'data-work': work, 'data-cell': Boolean(item.place && item.key) },
    isWrong && h('p', { class: 'notice stop' }, h('strong', {}, 'Not right yet. '), `${now.wrong.words}.`),
    h('p', {}, h('strong', {}, where), item.about && h('span', { class: 'small' }, ` (${item.about})`), quoted, '. ', h('span', {}, `${inRows(item.message)}.`)),
    item.proposals.map(({ value, says, why }) => h('p', {}, item.strangers ? 'If the pupil is yours, use ' : 'Did you mean ', h('strong', {}, value), says ? ` ${says}` : '', item.strangers ? '. If not, leave the row out.' : `? (${why})`)),
    withFix && item.proposals.length === 0 && !item.leave_out && h('p', {}, item.fix),
    work !== 'fact' && item.only_she_knows && item.key && h('p', {}, 'Only you know. Look it up in your student system.'),
    editor, h('div', { class: 'row noprint' }, buttons, leave, go));
}

// The item after this one, for the focus once it is gone.
function nextAfter(item) {
  const all = [...document.querySelectorAll('[data-item]')];
  const at = all.findIndex((one) => one.dataset.item === keyOf(item));
  const following = all.slice(at + 1).concat(all.slice(0, at).reverse()).map((one) => one.dataset.item);
  return () => following.map((key) => document.querySelector(`[data-item="${CSS.escape(key)}"]`)).find(Boolean);
}

function put(item, value) {
  const { fixes } = now.confirmed;
  const at = fixes.findIndex((fix) => fix.key === item.key && sameRow(fix, item.place));
  if (at >= 0) fixes.splice(at, 1);
  fixes.push({ ...item.place, key: item.key, value });
  const earlier = now.changes.findIndex((one) => one.key === item.key && sameRow(one.place, item.place));
  const [{ from }] = earlier >= 0 ? now.changes.splice(earlier, 1) : [{ from: item.typed }];
  now.changes.push({ place: item.place, key: item.key, title: item.title, from, to: value });
}

function change(item, value) {
  const find = nextAfter(item);
  const before = [now.confirmed.fixes.slice(), now.changes.slice()];
  if (value !== item.typed) put(item, value);
  return check({ words: 'Fixed.', find, typed: item, value, before });
}

function leaveOut(items) {
  const find = nextAfter(items.at(-1));
  for (const { place } of items) {
    now.confirmed.left_out.push(place);
    now.changes.push({ place, key: null, title: 'the whole row', from: '', to: 'left out' });
  }
  return check({ words: items.length === 1 ? `Row ${items[0].row} is left out.` : `${rowsOf(items.length)} are left out.`, find });
}

// A field to type in: it is there at once, or opens and closes by a button.
function edit(item, editor, atOnce) {
  const id = `edit-${item.place.file}-${item.place.sheet}-${item.row}-${item.code}-${item.key}`;
  const codes = item.key === 'program_code';
  const list = codes && h('datalist', { id: `${id}-list` }, year.programs.map(({ code, name }) => h('option', { value: code }, name)));
  const input = h('input', { id, type: 'text', autocomplete: 'off', list: codes ? `${id}-list` : null });
  if (now.wrong?.key === keyOf(item)) input.value = now.wrong.value;
  else if (!field(item.key).private) input.value = item.typed ?? '';
  // A new value takes the place of the old one, however she came here.
  input.addEventListener('focus', () => input.select());
  const form = h('form', { class: 'row', onsubmit: (event) => { event.preventDefault(); change(item, input.value.trim()); } },
    h('label', { for: id }, `${item.title} in row ${item.row}:`), input, list || '', h('button', { type: 'submit', class: atOnce ? '' : 'main', 'aria-label': `Save ${item.title} in row ${item.row}` }, 'Save'));
  editor.replaceChildren(form);
  if (atOnce) return null;
  // While she types there is nothing else to press.
  const others = editor.nextElementSibling;
  others.hidden = true;
  const close = () => { editor.replaceChildren(); others.hidden = false; editor.closest('li').focus(); };
  form.append(button('Cancel', close));
  form.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
  editor.append(h('p', { class: 'small' }, field(item.key).hint));
  input.focus();
  return null;
}

// Asks before something is done to many rows.
function confirmed(title, more, words, go) {
  const dialog = $('dialog');
  const main = button(words, () => { dialog.close(); go(); }, { class: 'main' });
  dialog.replaceChildren(h('h2', { id: 'dialog-title', tabindex: '-1' }, title), more, h('div', { class: 'row' }, main, button('Cancel', () => dialog.close())));
  dialog.showModal();
  main.focus();
}

function previewAll(items) {
  const lines = items.map((item) => h('tr', {}, h('th', { scope: 'row' }, placeWords(item)), h('td', {}, h('span', { class: 'typed' }, item.typed)),
    h('td', {}, h('strong', {}, item.proposals[0].value), ` ${item.proposals[0].says}`), h('td', {}, item.proposals[0].why)));
  const changes = plural(items.length, 'cell', 'cells');
  confirmed(`Change ${changes}?`,
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Changes' }, h('table', {}, h('thead', {}, h('tr', {}, ['Where', 'The cell says', 'It becomes', 'Why'].map((title) => h('th', { scope: 'col' }, title)))), h('tbody', {}, lines))),
    `Change ${changes}`, () => {
      for (const item of items) put(item, item.proposals[0].value);
      check({ words: `${changes} changed.`, find: () => document.querySelector('[data-item]') });
    });
}

// Rows of pupils are left out only after a question. A total is left out at once.
function leaveAllOut(items) {
  if (items.every((item) => item.leave_out)) return leaveOut(items);
  return confirmed(`Leave ${rowsOf(items.length)} out?`, h('p', {}, `Leave them out only if the pupils are not yours: ${items.map(placeWords).join('; ')}.`),
    `Leave ${rowsOf(items.length)} out`, () => leaveOut(items));
}

function changesList() {
  if (now.changes.length === 0) return null;
  const undo = (changes) => {
    for (const taken of changes) {
      const same = (one) => sameRow(one, taken.place);
      now.changes.splice(now.changes.indexOf(taken), 1);
      if (taken.key === null) now.confirmed.left_out = now.confirmed.left_out.filter((place) => !same(place));
      else now.confirmed.fixes = now.confirmed.fixes.filter((fix) => !(same(fix) && fix.key === taken.key));
    }
    check({ words: 'Undone.', find: () => $('fixes-title') });
  };
  const became = (one) => (one.key === null ? 'left out' : field(one.key).private ? 'changed' : [h('span', { class: 'typed' }, one.from || 'empty'), ' became ', h('span', { class: 'typed' }, one.to || 'empty')]);
  const lines = now.changes.slice().reverse().slice(0, 100).map((one) => h('li', {}, `Row ${one.place.row}, ${one.title}: `, became(one), ' ',
    button('Undo', () => undo([one]), { class: 'link', 'aria-label': `Undo row ${one.place.row}, ${one.title}` })));
  return h('section', { class: 'group', 'aria-labelledby': 'changes-title' }, h('h3', { id: 'changes-title' }, `What you changed (${now.changes.length})`),
    h('p', {}, 'Your own file is as it was. Download the corrected one below before you close the page.'), h('ul', {}, lines),
    button('Undo everything', () => undo(now.changes.slice())));
}

// J and K go from row to row, as long as nothing is typed.
document.addEventListener('keydown', (event) => {
  const step = { j: 1, k: -1 }[event.key.toLowerCase()];
  if (!step || event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input, select, dialog')) return;
  const all = [...document.querySelectorAll('[data-item]')];
  const at = all.indexOf(event.target.closest('[data-item]'));
  all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
});

// ---- her table -----------------------------------------------------------------------------------------------------------------------

let grid = null;

function showTable() {
  const sheets = now.result.files.flatMap((file, at) => file.sheets.map((sheet, index) => ({ value: `${at}-${index}`, words: [fileName(file.path), sheet.name].filter(Boolean).join(', ') })));
  if (sheets.length === 0) return show('table');
  if (!sheets.some(({ value }) => value === now.sheet)) now.sheet = sheets[0].value;
  if (now.result.groups.every((group) => group.work === 'done')) now.which = 'all';
  const which = h('select', { id: 'which', onchange: () => { now.which = which.value; fill(0); } },
    [['fix', 'Only rows that are named above'], ['all', 'All rows']].map(([value, words]) => h('option', { value, selected: value === now.which }, words)));
  const sheet = h('select', { id: 'sheet', onchange: () => { now.sheet = sheet.value; fill(0); } }, sheets.map(({ value, words }) => h('option', { value, selected: value === now.sheet }, words)));
  const scroll = h('div', { id: 'grid', class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Your table, scrolls' });
  let timer = 0;
  scroll.addEventListener('scroll', () => { clearTimeout(timer); timer = setTimeout(() => fill(Math.floor(scroll.scrollTop / ROW_HEIGHT)), 60); });
  const back = button('Back to the list', () => { (inPage(grid.from) ?? $('verdict')).focus(); }, { id: 'back', hidden: true });
  grid = { scroll, back, from: null, here: null, note: h('p', { class: 'small' }) };
  show('table', h('h2', { id: 'table-title' }, 'Your table'),
    h('div', { class: 'row' }, h('label', { for: 'which' }, 'Show'), which, sheets.length > 1 && [h('label', { for: 'sheet' }, 'of'), sheet], grid.back), scroll, grid.note);
  return fill(0);
}

async function fill(first) {
  const [file, sheet] = now.sheet.split('-').map(Number);
  const from = Math.max(0, first - 15);
  const { value } = await ask('rows', { file, sheet, which: now.which, from, count: ROWS_ASKED });
  const gap = (rows) => { const cell = h('td', { colspan: String(value.columns.length + 2) }); cell.style.height = `${rows * ROW_HEIGHT}px`; return h('tr', { class: 'gap', 'aria-hidden': 'true' }, cell); };
  const cellOf = ({ text, work, words }, index) => {
    const [kind, icon] = { fix: ['bad', '✖ '], look: ['odd', '? '], fact: ['fact', '– '] }[work] ?? [];
    const mark = work && [h('strong', { 'aria-hidden': 'true' }, icon), h('span', { class: 'unseen' }, `${WORK[work]}: `)];
    return h('td', { class: kind, title: words ? inRows(words) : (text.length > 20 ? text : null), 'data-column': value.columns[index].key }, mark || '', text || (work ? 'missing' : ''));
  };
  const lines = value.rows.map((row, index) => h('tr', { 'aria-rowindex': String(from + index + 2), class: row.row === grid.here ? 'here' : '' },
    h('th', { scope: 'row', class: 'number', tabindex: row.row === grid.here ? '-1' : null }, String(row.row)), h('td', { class: 'what', title: inRows(row.what) }, h('div', {}, inRows(row.what))), row.cells.map(cellOf)));
  const headings = value.columns.map(({ heading, title }) => h('th', { scope: 'col', title: heading === title ? null : title }, heading));
  const table = h('table', { 'aria-rowcount': String(value.total + 1) }, h('caption', { class: 'unseen' }, 'Your rows with what is wrong'),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Row'), h('th', { scope: 'col' }, 'What is wrong'), headings)),
    h('tbody', {}, from > 0 && gap(from), lines, value.total > from + lines.length && gap(value.total - from - lines.length)));
  grid.scroll.replaceChildren(table);
  const unread = value.unread ?? [];
  const none = value.total === 0 && now.which === 'fix';
  grid.note.textContent = `${none ? 'No row has anything to fix or look at' : rowsOf(value.total)}.${unread.length > 0 ? ` Not used and not shown: ${unread.slice(0, 8).join(', ')}${unread.length > 8 ? ` and ${unread.length - 8} more` : ''}.` : ''}`;
}

async function goTo(item) {
  const { place } = item;
  now.sheet = `${place.file}-${place.sheet}`;
  if ($('sheet')) $('sheet').value = now.sheet;
  const { value } = await ask('rows', { file: place.file, sheet: place.sheet, which: now.which, find: place.row, from: 0, count: 0 });
  grid.here = place.row;
  grid.from = item;
  grid.back.hidden = false;
  const at = value.at ?? 0;
  await fill(at);
  grid.scroll.scrollTop = at * ROW_HEIGHT;
  // Her cell is in sight, next to the number of the row, which stays.
  const cell = grid.scroll.querySelector(`.here [data-column="${item.key}"]`);
  grid.scroll.scrollLeft = cell && cell.offsetLeft + cell.offsetWidth > grid.scroll.clientWidth ? cell.offsetLeft - grid.scroll.clientWidth / 2 : 0;
  $('table').scrollIntoView({ block: 'start' });
  grid.scroll.querySelector('.here th')?.focus({ preventScroll: true });
}

// ---- sending -------------------------------------------------------------------------------------------------------------------------

// A file to save, made by the engine. Where it cannot be made she is told why, and there is none.
async function make(name, verb, request) {
  show('trouble');
  try {
    return await ask(verb, request);
  } catch (stop) {
    troubled([{ name, message: stop.error, fix: stop.fix || 'Try again.' }], 'saved');
    return null;
  }
}

function showSend() {
  const { files, verdict, counts, entity } = now.result;
  if (counts.total === 0 && files.every((file) => file.rows === 0)) return show('send');
  // The state reads neither her own headings nor a district that the file does not say.
  const { columns, constants, delimiters } = now.confirmed;
  const ownHeadings = Object.entries(columns).some(([key, heading]) => bare(heading) !== bare(field(key).title)) || Object.keys({ ...constants, ...delimiters }).length > 0;
  const corrected = now.changes.length > 0 || ownHeadings;
  const stem = (path) => fileName(path).replace(/\.[^.]*$/, '');
  // A district that every row says needs no answer: the state knows a file by the code in front of its name.
  const said = entity && entity.rows === entity.total ? entity.code : null;
  const named = (path) => { const name = stem(path); const code = now.confirmed.entity ?? said; return code && !name.startsWith(code) ? `${code} ${name}` : name; };
  // It marks her file as it was: once she has corrected everything here, it would only mislead.
  const toMark = counts.fix > 0 || now.changes.length === 0 && counts.ready < counts.total;
  // What the state does not read stays at home, unless she wants it.
  const unread = files.flatMap((file) => file.sheets).reduce((sum, sheet) => sum + sheet.unread, 0);
  const only = h('input', { type: 'checkbox', id: 'only', checked: now.only, onchange: () => { now.only = only.checked; } });
  const save = async (verb, at) => {
    const name = `${named(files[at].path)}-${verb}.xlsx`;
    const made = await make(name, verb, { file: at, confirmed: now.confirmed, only: now.only, name });
    if (!made) return;
    const { value, bytes } = made;
    download(value.name, bytes);
    // The page has read again what it wrote: she need not choose it once more.
    const again = value.again ? ` The page checked this new file: ${value.again.text}` : '';
    $('saved').textContent = `Saved: ${value.name}. Look in your Downloads folder.${again}`;
    $('saved').className = `notice ${value.again?.kind === 'stop' ? 'stop' : 'good'}`;
    $('saved').hidden = false;
    say($('saved').textContent);
    if (verb === 'corrected') for (const one of now.changes) one.saved = true;
  };
  const lines = files.map((file, at) => (file.refused ? null : h('div', { class: 'row' }, files.length > 1 && h('strong', {}, fileName(file.path)),
    button('Download my file, corrected', () => save('corrected', at), { class: corrected ? 'main' : '' }),
    toMark && button('Download my file, marked', () => save('marked', at)), at === files.length - 1 && button('Print the list', () => window.print()))));
  return show('send', h('h2', { id: 'send-title' }, 'Download and send'), lines,
    unread > 0 && h('p', {}, only, ' ', h('label', { for: 'only' }, 'Corrected file: only the columns that the state reads, without names and other columns of yours')),
    h('ul', {}, h('li', {}, h('strong', {}, 'Corrected'), ': your rows with the changes above, to send. It has no formulas or drop-downs. Codes and ids are text, so that Excel drops no zeros.'),
      toMark && h('li', {}, h('strong', {}, 'Marked'), ': your file as it was, faulty cells shaded, with a list of what to fix.')),
    h('p', { id: 'saved', class: 'notice good', hidden: true }),
    h('p', { class: 'notice look' }, 'The file holds pupils’ ids, and names if yours has them: do not attach it to an e-mail.'),
    h('p', {}, sending(verdict, corrected, ownHeadings)),
    verdict.kind !== 'stop' && !corrected && files.length === 1 && h('p', { class: 'small' }, 'File fingerprint (SHA-256), so that the state can tell that it has this file: ', h('code', {}, files[0].sha256)));
}

function sending({ kind }, corrected, ownHeadings) {
  const office = year.office ?? 'your state office';
  if (kind === 'stop') return `Fix what is listed first. If something is right as it is, tell ${office}${year.contact ? ` (${year.contact})` : ''}.`;
  const first = corrected ? `Download the corrected file${ownHeadings ? ': it has the headings that the state reads' : ''}. Then send it` : 'Send the file';
  return `${first} to ${office}${year.deadline ? ` by ${year.deadline}` : ''}, in the safe way that the office uses. ${year.contact ? `Ask ${year.contact}` : 'Ask the office'} if you do not know that way.`;
}

// ---- what to expect ------------------------------------------------------------------------------------------------------------------

async function showExpect() {
  const { entity, counts } = now.result;
  if (!year.money || !entity || counts.total === 0) return show('expect');
  const title = h('h2', { id: 'expect-title', tabindex: '-1' }, 'What to expect (not an award)');
  // Which rows count depends on whose file it is.
  if (!entity.named) return show('expect', title, h('p', {}, h('a', { href: '#whose' }, 'Say whose file this is'), ' first. Then the page can show what these rows would earn.'));
  if (!now.expects) return show('expect', title, h('p', {}, 'What these rows would earn with the statewide totals in this page.'),
    button('Show what to expect', async () => { now.expects = true; await showExpect(); $('expect-title').focus(); }));
  let figures;
  try {
    ({ value: figures } = await ask('expect', { confirmed: now.confirmed, entity: entity.code }));
  } catch (stop) {
    return show('expect', title, h('p', {}, `${stop.error}.`));
  }
  const name = entity.name ? `${entity.code} ${entity.name}` : entity.code;
  const table = (caption, headings, rows) => h('table', {}, h('caption', {}, h('strong', {}, caption)),
    h('thead', {}, h('tr', {}, headings.map((heading, index) => h('th', { scope: 'col', class: index > 0 ? 'number' : '' }, heading)))),
    h('tbody', {}, rows.map((cells) => h('tr', {}, cells.map((cell, index) => h(index > 0 ? 'td' : 'th', index > 0 ? { class: 'number' } : { scope: 'row' }, String(cell)))))));
  const shares = figures.shares.filter((share) => share.any || !share.is_charter);
  const { fixing } = figures;
  const fixes = figures.slips.map((slip) => [`${slip.title} (${slip.code})`, slip.rows, `${slip.up_to ? 'up to ' : ''}${slip.worth}`]);
  if (fixing?.several > 0) fixes.push(['More than one thing to fix', fixing.several, `up to ${fixing.several_worth}`]);
  const facts = now.result.groups.filter((group) => group.work === 'fact');
  const others = entity.others.reduce((sum, { rows }) => sum + rows, 0);
  const amount = (words, dollars) => h('div', {}, h('dt', {}, words), h('dd', {}, dollars));
  return show('expect', title, h('p', {}, name),
    h('dl', { class: 'counts' }, figures.plan === figures.best ? amount('Expected', figures.expected)
      : [amount('Plan with no more than', figures.plan), amount('Expected', figures.expected), amount('At best', figures.best)]),
    h('p', {}, `Of the rows that qualify: ${figures.rows}.`),
    others > 0 && h('p', {}, `${rowsOf(others)} ${others === 1 ? 'says' : 'say'} another district (${entity.others.map(({ code }) => code).join(', ')}) and ${others === 1 ? 'is' : 'are'} not in the expected amount.`),
    table('By tier', ['Tier', 'Completions', 'Over the cap', 'Expected'], figures.tiers.map((tier) => [`${tier.tier} ${tier.name}`, tier.units, tier.over_cap, tier.amount])),
    h('p', { class: 'small' }, 'Over the cap: in a tier with a cap, a district or charter is paid up to the cap. Completions beyond it earn nothing.'),
    table('For whom', ['District or charter', 'Expected', 'To pass on to the charter'], shares.map((share) => [`${share.code} ${share.name}`, share.amount, share.is_charter ? share.amount : '–'])),
    figures.no_more ? h('p', {}, figures.no_more) : table('One more pupil with a completion would add', ['Tier', 'Without free or reduced-price lunch', 'With it'],
      figures.one_more.filter((more) => !more.frl).map((more) => [`${more.tier} ${more.name}`, more.worth, figures.one_more.find((other) => other.frl && other.tier === more.tier).worth])),
    fixes.length > 0 && [h('p', {}, h('strong', {}, `If you fix all: up to ${fixing.in_all}`), `, that is ${fixing.worth} more.${fixing.rows > 0 ? ` ${fixing.words}` : ''}`),
      table('Likely slips: what fixing them is worth', ['What', 'Rows', 'About'], fixes), h('p', {}, 'Correct a cell only to what is true. Only you know it: look it up in your student system.')],
    facts.length > 0 && h('div', {}, h('p', {}, h('strong', {}, 'These rows earn nothing. Correct them only if they are wrong.')), h('ul', {}, facts.map((fact) => h('li', {}, `${rowsOf(fact.count)}: ${fact.title}`)))),
    h('ul', { class: 'small' }, figures.unknown.map((words) => h('li', {}, words))));
}

// ---- the page begins -----------------------------------------------------------------------------------------------------------------

async function saveTemplate() {
  const name = `CDIP template ${year.school_year}.xlsx`;
  const made = await make(name, 'template', {});
  if (made) download(name, made.bytes);
}

function ready() {
  step(1);
  $('choose').addEventListener('click', () => $('input').click());
  $('input').addEventListener('change', async () => { const files = [...$('input').files]; $('input').value = ''; await take(files); });
  $('template').addEventListener('click', saveTemplate);
  $('example').addEventListener('click', async () => { const { value, bytes } = await ask('example', {}); await take([new File([bytes], value.name)]); });
  const drop = $('drop');
  for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', name === 'dragenter' || name === 'dragover');
      if (name === 'drop' && year) take([...event.dataTransfer.files]);
    });
  }
  window.addEventListener('beforeunload', (event) => { if (unsaved()) event.preventDefault(); });
  begin().catch((error) => crashed('begin', String(error?.message ?? error?.error ?? error)));
}

ready();
