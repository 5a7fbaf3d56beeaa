/** The pages that the server makes itself, without a script. */

const page = (head: string, text: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>Straylight</title>${head}</head><body><p>${text}</p></body></html>\n`;

/**
 * After the code was exchanged. The page itself goes on, instead of a redirect: a cookie with SameSite=Strict is not
 * sent along a redirect that began on another site, such as a chat in which the link was clicked.
 */
export const openedPage = (): string =>
  page('<meta http-equiv="refresh" content="0; url=/">', '<a href="/">Straylight</a>');

const escaped: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }; // prettier-ignore

export const noticePage = (text: string): string =>
  page(
    '',
    text.replace(/[&<>"]/g, (character) => escaped[character]!),
  );
