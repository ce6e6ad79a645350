// SPDX-License-Identifier: MIT
//
// A web server for the built page: node serve.mjs FOLDER [PORT]. Anything that
// serves files does as well.

import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = { '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8' };

export function serve(folder, port) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://here');
    const path = join(folder, normalize(pathname === '/' ? '/index.html' :
      decodeURIComponent(pathname)));
    let size = -1;
    try {
      const found = statSync(path);
      if (found.isFile()) size = found.size;
    } catch {
      size = -1;
    }
    if (size < 0) {
      response.writeHead(404).end('not found');
      return;
    }
    response.writeHead(200, { 'Content-Length': size,
      'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
      'Cache-Control': 'no-cache' });
    createReadStream(path).pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, port = '8000'] = process.argv.slice(2);
  const server = await serve(folder, Number(port)).catch((error) => {
    console.error(error.code === 'EADDRINUSE' ?
      `port ${port} is taken; choose another: ./run page --port N` :
      error.message);
    process.exit(1);
  });
  console.log(`The page: http://localhost:${server.address().port}/ ` +
    '(Ctrl-C ends)');
}
