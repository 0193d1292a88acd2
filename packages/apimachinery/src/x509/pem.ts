/** One block of PEM text. */
export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly bytes: Buffer;
}

const BEGIN = '-----BEGIN ';
const DASHES = '-----';
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The blocks of a text in order; what stands between them and what is no block is passed over, as Go's reader does. */
export function readPem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let from = text.indexOf(BEGIN); from >= 0; ) {
    const titleEnd = text.indexOf(DASHES, from + BEGIN.length);
    if (titleEnd < 0) break;
    const type = text.slice(from + BEGIN.length, titleEnd);
    const end = `${DASHES}END ${type}${DASHES}`;
    const to = text.indexOf(end, titleEnd);
    const block = to < 0 ? undefined : blockOf(type, text.slice(titleEnd + DASHES.length, to));
    if (block !== undefined) blocks.push(block);
    from = text.indexOf(BEGIN, block === undefined ? titleEnd : to + end.length);
  }
  return blocks;
}

function blockOf(type: string, body: string): PemBlock | undefined {
  const lines = body.split('\n').map((line) => line.trim());
  const data = lines.filter((line) => !line.includes(':')).join('');
  if (!BASE64.test(data)) return undefined;
  return { type, hasHeaders: lines.some((line) => line.includes(':')), bytes: Buffer.from(data, 'base64') };
}
