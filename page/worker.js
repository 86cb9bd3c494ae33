// The engine's room: it holds the files and answers one request after the other, so that the page never freezes.
'use strict';

let engine = null;

async function begin(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const module = await WebAssembly.compile(await new Response(stream).arrayBuffer());
  // Libraries name functions of a browser. None is lent but a clock that stands still: the same file, the same bytes.
  const imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    const refuse = () => { throw new Error(`the engine asked for ${name}`); };
    if (kind === 'function') imports[from][name] = name.startsWith('__wbg_now_') ? () => 0 : refuse;
  }
  engine = (await WebAssembly.instantiate(module, imports)).exports;
}

// A request is the length of its JSON, the JSON, and bytes; the answer too (lib.rs).
function ask(head, bytes) {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const length = 4 + json.length + bytes.length;
  const at = engine.request(length);
  const room = new Uint8Array(engine.memory.buffer, at, length);
  new DataView(engine.memory.buffer).setUint32(at, json.length, true);
  room.set(json, 4);
  room.set(bytes, 4 + json.length);
  const size = engine.call();
  const from = engine.answer_at();
  const answer = new Uint8Array(engine.memory.buffer, from, size).slice();
  const split = 4 + new DataView(answer.buffer).getUint32(0, true);
  return { value: JSON.parse(new TextDecoder().decode(answer.subarray(4, split))), bytes: answer.slice(split) };
}

onmessage = async ({ data: { id, begins, head, bytes } }) => {
  try {
    if (begins) await begin(begins);
    const answer = ask(head, bytes ?? new Uint8Array());
    postMessage({ id, ...answer }, [answer.bytes.buffer]);
  } catch (error) {
    // Never a value of the file: an engine that stopped only says that it did.
    postMessage({ id, stopped: `${error.name}: ${error.message}`.slice(0, 200) });
  }
};
