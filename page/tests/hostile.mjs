// Files that stop the engine, as tests/it/hostile.rs makes them: the page says what to do, and reads the next file without being
// loaded again.
import { crc32 } from 'node:zlib';

// A zip file of these parts, not packed.
export function zipOf(parts) {
  const ahead = [];
  const directory = [];
  let at = 0;
  for (const [name, text] of parts) {
    const [path, bytes] = [Buffer.from(name), Buffer.from(text)];
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(33, 8);
    about.writeUInt32LE(crc32(bytes), 10);
    about.writeUInt32LE(bytes.length, 14);
    about.writeUInt32LE(bytes.length, 18);
    about.writeUInt16LE(path.length, 22);
    const here = Buffer.alloc(14);
    here.writeUInt32LE(at, 10);
    ahead.push(Buffer.from('PK\x03\x04'), about, path, bytes);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), about, here, path);
    at += 4 + about.length + path.length + bytes.length;
  }
  const [files, list] = [Buffer.concat(ahead), Buffer.concat(directory)];
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(files.length, 12);
  return Buffer.concat([files, list, Buffer.from('PK\x05\x06'), end]);
}

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const relation = (id, kind, target) => `<Relationship Id="${id}" Type="${OFFICE}/${kind}" Target="${target}"/>`;
const relations = (...inside) => `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${inside.join('')}</Relationships>`;

// The column of its cell is past every number.
export const overflowing = () => zipOf([
  ['_rels/.rels', relations(relation('rId1', 'officeDocument', 'xl/workbook.xml'))],
  ['xl/_rels/workbook.xml.rels', relations(relation('rId1', 'worksheet', 'worksheets/sheet1.xml'))],
  ['xl/workbook.xml', `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${OFFICE}"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>`],
  ['xl/worksheets/sheet1.xml', '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="ZZZZZZZZZZ1"><v>1</v></c></row></sheetData></worksheet>'],
]);

// A record of a binary workbook: number and length in seven bits a byte.
function record(number, content = Buffer.alloc(0)) {
  const head = number < 0x80 ? [number] : [(number & 0x7f) | 0x80, number >> 7];
  return Buffer.concat([Buffer.from([...head, content.length]), content]);
}

// Its cell refers to a text, and there are none.
export function withoutItsText() {
  const text = (words) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(words.length);
    return Buffer.concat([length, Buffer.from(words, 'utf16le')]);
  };
  const sheet = [record(0x81), record(0x94, Buffer.alloc(16)), record(0x91), record(0, Buffer.alloc(17)), record(7, Buffer.alloc(12, 9)), record(0x92), record(0x82)];
  const listed = Buffer.concat([Buffer.from([0, 0, 0, 0, 1, 0, 0, 0]), text('rId1'), text('Data')]);
  const book = [record(0x83), record(0x99, Buffer.alloc(8)), record(0x8f), record(0x9c, listed), record(0x90), record(0x9d, Buffer.alloc(26)), record(0x84)];
  return zipOf([
    ['xl/worksheets/sheet1.bin', Buffer.concat(sheet)],
    ['xl/workbook.bin', Buffer.concat(book)],
    ['xl/_rels/workbook.bin.rels', relations(relation('rId1', 'worksheet', 'worksheets/sheet1.bin'))],
  ]);
}
