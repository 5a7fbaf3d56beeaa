import { describe, expect, it } from 'vitest';
import { externalPages, isExternalPage } from '../../../src/contract/external-pages.ts';
import { configFolder } from '../../../src/host/config-folder.ts';
import { contentSecurityPolicy } from '../../../src/host/content-security.ts';
import { parseThumbnailAddress } from '../../../src/host/thumbnail-address.ts';

// A link in the window could come from a file name or an imported model. Whatever it says, only the project's own pages
// are handed to the system, which would start programs for other schemes.
describe('pages that may be opened outside', () => {
  it('are https pages, each reachable under its exact address', () => {
    for (const page of Object.values(externalPages)) {
      expect(new URL(page).protocol).toBe('https:');
      expect(isExternalPage(page)).toBe(true);
    }
  });

  const known = externalPages.energyPaper;
  const { host, pathname } = new URL(known);
  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://server/share',
    'ms-msdt:/id PCWDiagnostic',
    'ms-settings:',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    `http://${host}${pathname}`,
    `https://${host}.evil${pathname}`,
    `https://${host}@evil.com${pathname}`,
    `https://user@${host}${pathname}`,
    `https://${host}:8443${pathname}`,
    `https://evil.com/${known}`,
    `https://${host}/`,
    `${known}#fragment`,
    `${known}?q=1`,
    ` ${known}`,
    `${known}\n`,
    `${known}/..`,
    known.toUpperCase(),
    known.replace('https://', 'https:\\\\'),
    '',
    '__proto__',
  ])('does not include %j', (url) => {
    expect(isExternalPage(url)).toBe(false);
  });
});

// Thumbnails are the one way from an address to a file on disk. The address names a row, never a path, and there is one
// spelling of it: nothing is decoded, so nothing can be smuggled past the check in an encoding.
describe('addresses of thumbnails', () => {
  it.each([
    ['thumb://d-20261124-0a1b2c3/17?size=128', 17, 128],
    ['/thumb/d-20261124-0a1b2c3/0?size=1024', 0, 1024],
    ['/thumb/d-20261124-0a1b2c3/999999', 999_999, 256],
  ])('%s', (address, ordinal, size) => {
    expect(parseThumbnailAddress(address)).toEqual({
      datasetId: 'd-20261124-0a1b2c3',
      ordinal,
      size,
    });
  });

  it.each([
    '/thumb/../../etc/passwd',
    '/thumb/..',
    '/thumb/../0',
    '/thumb/./0',
    '/thumb/d-1/../0',
    '/thumb/%2e%2e/0',
    '/thumb/%2E%2E%2F0',
    '/thumb/%252e%252e/0',
    '/thumb/d-1%2f0',
    '/thumb/d-1\\0',
    '/thumb/..\\..\\0',
    '/thumb/d-1/0%00',
    '/thumb/d-1/0\0',
    '/thumb/d-1\0/0',
    '/thumb//server/share',
    'thumb://\\\\server\\share',
    'thumb:///etc/passwd',
    'thumb://d-1//0',
    '/thumb/d-1/-1',
    '/thumb/d-1/1e3',
    '/thumb/d-1/00',
    '/thumb/d-1/9999999999',
    '/thumb/d-1/0?size=0',
    '/thumb/d-1/0?size=15',
    '/thumb/d-1/0?size=1025',
    '/thumb/d-1/0?size=1e9',
    '/thumb/d-1/0?size=64&size=64',
    '/thumb/d-1/0?file=/etc/passwd',
    '/thumb/d-1/0#x',
    `/thumb/${'a'.repeat(65)}/0`,
    'http://127.0.0.1/thumb/d-1/0',
    'file:///etc/passwd',
    '',
  ])('%j is none', (address) => {
    expect(parseThumbnailAddress(address)).toBeNull();
  });
});

describe('the content security policy', () => {
  // Whatever a hostile file name or model manages to inject, the policy stops it from running or from leaving.
  it('allows our own files and nothing else to load, in the order of the directives that the guide lists', () => {
    expect(contentSecurityPolicy('electron')).toBe(
      "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' thumb: data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
    );
    expect(contentSecurityPolicy('web')).not.toContain('thumb:');
  });
});

describe('the folder of the settings', () => {
  it('lies where each platform keeps configuration', () => {
    expect(configFolder({ STRAYLIGHT_CONFIG: '/c' }, 'linux', '/home/u')).toBe('/c');
    expect(configFolder({ XDG_CONFIG_HOME: '/x' }, 'linux', '/home/u')).toBe('/x/straylight');
    // "If an implementation encounters a relative path […] it should consider the path invalid and ignore it."
    expect(configFolder({ XDG_CONFIG_HOME: 'x' }, 'linux', '/home/u')).toBe(
      '/home/u/.config/straylight',
    );
    expect(configFolder({}, 'darwin', '/Users/u')).toBe('/Users/u/Library/Preferences/Straylight');
    expect(configFolder({ LOCALAPPDATA: 'C:\\L' }, 'win32', 'C:\\u')).toBe('C:\\L\\Straylight');
  });
});
