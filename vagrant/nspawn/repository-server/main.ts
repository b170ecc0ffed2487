import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import { LimitedLine } from './limited-line.ts';

// Usage: node repository-server/main.ts DIRECTORY ADDRESS PORT ACCESS_LOG [BYTES_PER_SECOND]
// Serves files, nothing else. One line of the access log per request, when its answer has ended: begin and end, client, method, path,
// status, bytes sent. BYTES_PER_SECOND is for all answers together.

const [directory = '', address = '', port = '', logFile = '', bytesPerSecond = ''] = process.argv.slice(2);
const line = bytesPerSecond === '' ? null : new LimitedLine(Number(bytesPerSecond));
const log = createWriteStream(logFile, { flags: 'a' });

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = normalize(decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/'));
  const file = join(directory, path);
  const size = fileSize(file);
  const begin = new Date().toISOString();
  const client = request.socket.remoteAddress ?? '-';
  const sentBefore = request.socket.bytesWritten;
  // Also when the client goes away before its end: what it got until then was fetched.
  response.on('close', () => {
    const words = [begin, new Date().toISOString(), client, request.method ?? '-', path, response.statusCode];
    log.write(`${[...words, request.socket.bytesWritten - sentBefore].join(' ')}\n`);
  });
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
  if (size === null) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-length': size, 'content-type': 'application/octet-stream' });
  if (request.method === 'HEAD') return void response.end();
  const content = createReadStream(file).on('error', (error) => response.destroy(error));
  (line === null ? content : content.pipe(line.stream())).pipe(response);
}

function fileSize(file: string): number | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true ? stat.size : null;
}

function answerSafely(request: IncomingMessage, response: ServerResponse): void {
  try {
    answer(request, response);
  } catch {
    // A path that cannot be decoded.
    response.writeHead(400).end();
  }
}

createServer(answerSafely).listen(Number(port), address);
