/** Names of exported files that every system takes, and no two of which are one file anywhere. */

/** Longest name of a file or folder in bytes, on ext4, NTFS, APFS and exFAT alike (with room for ` (2)`). */
const LONGEST = 240;
/** What Windows forbids, what is invisible, and what turns the direction of writing. */

const FORBIDDEN = /[<>:"/\\|?*\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu;

/** One part of a path. Never empty, never `.` or `..`. */
export function safeName(name: string): string {
  const plain = name.normalize('NFC').replace(FORBIDDEN, '_').replace(/[. ]+$/u, '_').replace(/^ +/u, '_'); // prettier-ignore
  const free = plain === '' || RESERVED.test(plain) ? `_${plain}` : plain;
  if (Buffer.byteLength(free) <= LONGEST) return free;
  const dot = free.lastIndexOf('.');
  const extension = dot > 0 && free.length - dot <= 10 ? free.slice(dot) : '';
  let stem = free.slice(0, free.length - extension.length);
  while (Buffer.byteLength(stem + extension) > LONGEST)
    stem = Array.from(stem).slice(0, -1).join('');
  return stem + extension;
}

/** Hands out names, each once in its folder whatever the case of its letters. */
export class UniqueNames {
  private readonly taken = new Set<string>();

  /** @param folder with `/`, already safe @param name already safe @returns `folder/name`, or `folder/name (2)` ... */
  take(folder: string, name: string): string {
    const dot = name.lastIndexOf('.');
    const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
    for (let i = 1; ; i++) {
      const unique = i === 1 ? name : `${stem} (${i})${extension}`;
      const path = folder === '' ? unique : `${folder}/${unique}`;
      const key = path.toLowerCase();
      if (this.taken.has(key)) continue;
      this.taken.add(key);
      return path;
    }
  }
}
