/** A line, or `tooLong` for one that was thrown away unread. */
export type RequestText = { readonly text: string; readonly tooLong: boolean };

const NEWLINE = 0x0a;

/** Cuts a byte stream into lines of at most `bytesMax`; never holds more than that. A last line without a newline counts. */
export async function* readRequestLines(
  input: AsyncIterable<Buffer | string>,
  bytesMax: number,
): AsyncGenerator<RequestText> {
  let parts: Buffer[] = [];
  let bytes = 0;
  let tooLong = false;
  function take(): RequestText {
    const line = { text: Buffer.concat(parts).toString('utf8').trim(), tooLong };
    [parts, bytes, tooLong] = [[], 0, false];
    return line;
  }
  function add(part: Buffer): void {
    bytes += part.length;
    tooLong ||= bytes > bytesMax;
    if (tooLong) parts = [];
    else parts.push(part);
  }
  for await (const chunk of input) {
    let rest = Buffer.from(chunk);
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      add(rest.subarray(0, end));
      yield take();
      rest = rest.subarray(end + 1);
    }
    add(rest);
  }
  if (bytes > 0) yield take();
}
