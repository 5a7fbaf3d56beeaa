/** What a page of ours may load, and the headers that say so. The same in the window and in a browser. */

const directives = {
  'default-src': "'none'",
  'script-src': "'self'",
  // The pages of reports are read by a worker of our own.
  'worker-src': "'self'",
  // Reka UI and ECharts' tooltips set style attributes; styles cannot load anything, because everything else is 'self'.
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' thumb: data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'object-src': "'none'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
  'form-action': "'none'",
} as const;

/** The Content-Security-Policy header. In a browser there is no `thumb:` scheme. */
export function contentSecurityPolicy(host: 'electron' | 'web'): string {
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${host === 'web' ? value.replace(' thumb:', '') : value}`)
    .join('; ');
}

/** Headers of every response that a page or its parts are made of. */
export const securityHeaders = (host: 'electron' | 'web'): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': contentSecurityPolicy(host),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
});
