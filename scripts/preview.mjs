#!/usr/bin/env node
/**
 * The window on invented data, to look at without an engine: `node scripts/preview.mjs [--port N] [--no-build]`.
 * Options of the page are in its address, see src/renderer/dev/preview.ts. Thumbnails are the sample's images.
 */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './setup/paths.mjs';

const FOLDER = path.join(ROOT, 'out', 'preview');
const OOD = path.join(ROOT, 'resources', 'sample', 'ood');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' }; // prettier-ignore
/** As strict as the app's own, so that what works here works there. */
const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'";

/** Pages for the Report screen, drawn once by the code of the app from a made-up audit. @type {Promise<Uint8Array> | undefined} */
let drawing;
const reportPdf = () =>
  (drawing ??= (async () => {
    const { drawReport } = await import('../src/core/report/pdf/draw-report.ts');
    const { fullAuditFixture } = await import('../test/support/full-audit.ts');
    const { audit } = await fullAuditFixture();
    return drawReport(audit, { thumbnails: () => Promise.resolve(null) });
  })());

export async function buildPreview() {
  const { build } = await import('vite');
  await build({
    configFile: path.join(ROOT, 'vite.renderer.config.ts'),
    mode: 'preview',
    logLevel: 'warn',
  });
}

/** @param {string} folder @returns {string[]} */
const pictures = (folder) =>
  fs.existsSync(folder)
    ? fs.readdirSync(folder).filter((name) => name.endsWith('.png')).sort().map((name) => path.join(folder, name)) // prettier-ignore
    : [];

/** @param {number} port 0 takes any @returns {Promise<http.Server>} */
export function servePreview(port) {
  const sets = {
    digits: pictures(path.join(OOD, 'digits')),
    textures: pictures(path.join(OOD, 'textures')),
    photographs: pictures(path.join(OOD, 'photographs')),
  };
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [, thumb, dataset, ordinal] = pathname.split('/');
    if (thumb === 'thumb') {
      const set = sets[/** @type {keyof typeof sets} */ (dataset)] ?? sets.photographs;
      const file = set[Number(ordinal) % set.length];
      if (!file) return void response.writeHead(404).end();
      response.setHeader('Content-Type', 'image/png');
      return void fs.createReadStream(file).pipe(response);
    }
    if (pathname === '/report.pdf') {
      response.setHeader('Content-Type', 'application/pdf');
      return void reportPdf().then(
        (bytes) => response.end(bytes),
        (error) => response.writeHead(500).end(String(error)),
      );
    }
    const file = path.join(FOLDER, path.normalize(pathname === '/' ? '/index.html' : pathname));
    if (!file.startsWith(FOLDER) || !fs.statSync(file, { throwIfNoEntry: false })?.isFile())
      return void response.writeHead(404).end();
    const type = TYPES[/** @type {keyof typeof TYPES} */ (path.extname(file))];
    response.setHeader('Content-Type', type ?? 'application/octet-stream');
    response.setHeader('Content-Security-Policy', POLICY);
    fs.createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  const at = process.argv.indexOf('--port');
  if (!process.argv.includes('--no-build')) await buildPreview();
  const server = await servePreview(at > 0 ? Number(process.argv[at + 1]) : 5199);
  const address = server.address();
  if (address && typeof address === 'object')
    console.log(`http://127.0.0.1:${address.port}/?images=9500&running=1#/datasets`);
}
