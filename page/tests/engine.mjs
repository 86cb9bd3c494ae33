// The engine in node, through the very worker of the page.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

export const here = fileURLToPath(new URL('..', import.meta.url));

const part = (html, id) => {
  const mark = `id="${id}">`;
  const begin = html.indexOf(mark) + mark.length;
  return html.slice(begin, html.indexOf('</script>', begin));
};

// What a page was made with: its kit, and its engine as the worker takes it.
export function partsOf(page) {
  const html = readFileSync(page, 'utf8');
  return { kit: Buffer.from(part(html, 'kit')), engine: Buffer.from(part(html, 'engine'), 'base64') };
}

export async function opened({ kit, engine }) {
  const source = readFileSync(join(here, 'worker.js'), 'utf8');
  const room = new Function('postMessage', 'onmessage', `${source}\nreturn { begin, ask };`)(() => {}, null);
  await room.begin(engine);
  const about = room.ask({ verb: 'open' }, kit).value;
  if (about.error) throw new Error(about.error);
  return room;
}

// What the page says of files, as `cdip check --format json` would: name and bytes of each.
export function checked(room, files) {
  room.ask({ verb: 'forget' }, new Uint8Array());
  for (const [name, bytes] of files) room.ask({ verb: 'add', name }, bytes);
  return found(room, {});
}

// What the page found, as `cdip check --format json` would say it.
export function found(room, confirmed) {
  const { value } = room.ask({ verb: 'check', confirmed }, new Uint8Array());
  if (value.error) return value;
  return JSON.parse(new TextDecoder().decode(room.ask({ verb: 'findings' }, new Uint8Array()).bytes));
}
