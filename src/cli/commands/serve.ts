/** `straylight serve`: the window in a browser, also of another machine through an SSH tunnel. */
import { hostname, userInfo } from 'node:os';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../core/errors.ts';
import { DEFAULT_PORT, startWeb, tokenFile } from '../../server/start-web.ts';
import { APP_VERSION, type Host } from '../host.ts';

export interface ServeOptions {
  readonly port?: string;
  readonly link?: boolean;
}

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

export async function serveCommand(host: Host, options: ServeOptions): Promise<void> {
  const port = options.port === undefined ? undefined : portOf(options.port);
  if (options.link) {
    const link = await requestLink(port ?? DEFAULT_PORT);
    host.output.line(link);
    host.output.result({ link });
    return;
  }
  const web = await startWeb({
    projectRoot: PROJECT,
    appVersion: APP_VERSION,
    workspace: host.namedWorkspace,
    device: host.namedDevice,
    port,
    onWarning: (text) => host.hooks.onWarning?.(text),
  });
  const link = web.newLink();
  host.output.line(`Straylight is open at  ${link}`);
  host.output.line('The address opens one browser, once. Ctrl-C ends the server; a run that is under way is kept.'); // prettier-ignore
  host.output.line(`Another address:       npm run straylight -- serve --link --port ${web.port}`);
  host.output.line(`From another machine:  ssh -N -L ${web.port}:127.0.0.1:${web.port} ${userInfo().username}@${hostname()}`); // prettier-ignore
  host.output.line('                       then open the same address there.');
  host.output.result({ port: web.port, link });
  await aborted(host.hooks.signal);
  await web.stop();
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new AppError('usage', `--port must be a whole number from 0 to 65535, not ${text}.`);
}

/** Asks the server that runs at the port, with the token that only this user can read. */
async function requestLink(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/link`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${readFileSync(tokenFile(port), 'utf8')}`,
        'content-type': 'application/json',
      },
      body: '{}',
    });
    const { link } = (await response.json()) as { link: string };
    return link;
  } catch (error) {
    throw new AppError('not-found', `No Straylight of yours answers at port ${port}. Start it with \`straylight serve\`, or name its port with --port.`, { cause: error }); // prettier-ignore
  }
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}
