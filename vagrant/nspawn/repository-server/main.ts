import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';

// Usage: node repository-server/main.ts DIRECTORY ADDRESS PORT ACCESS_LOG
// Serves files, nothing else. One line of the access log per request: time, client, method, path, status, bytes.

const [directory = '', address = '', port = '', logFile = ''] = process.argv.slice(2);
const log = createWriteStream(logFile, { flags: 'a' });

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = normalize(decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/'));
  const file = join(directory, path);
  const size = fileSize(file);
  response.on('finish', () => {
    log.write(
      `${new Date().toISOString()} ${request.socket.remoteAddress ?? '-'} ${request.method ?? '-'} ${path} ${String(response.statusCode)} ${String(size ?? 0)}\n`,
    );
  });
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
  if (size === null) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-length': size, 'content-type': 'application/octet-stream' });
  if (request.method === 'HEAD') return void response.end();
  createReadStream(file)
    .on('error', (error) => response.destroy(error))
    .pipe(response);
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
