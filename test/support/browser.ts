/** Chromium as Debian packages it, for the window from the local web server. */
import { chromium, type Browser } from 'playwright-core';
import { isBuilt } from '../../scripts/build.mjs';
import { which } from '../../scripts/setup/process.mjs';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];
const executablePath = PROGRAMS.map((name) => which(name)).find((path) => path !== null);

/** Why it cannot be tested here; null when it can. */
export const noBrowser: string | null =
  executablePath === undefined
    ? 'no Chromium (apt-get install chromium)'
    : isBuilt()
      ? null
      : 'the window is not built (npm test builds it)';

export const withBrowser = (title: string): string =>
  noBrowser === null ? title : `${title} [skipped: ${noBrowser}]`;

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executablePath!,
    // As root Chromium refuses its sandbox; see scripts/start.mjs.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
