/** Where two values of JSON first differ. */

export interface Difference {
  /** e.g. `models[2].scores[0].perSet[1].auroc.value` */
  readonly at: string;
  /** As JSON, cut to a line. */
  readonly found: string;
  readonly expected: string;
}

const shown = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
};

/** Null when they are the same. Numbers are compared exactly; the order of keys does not count. */
export function firstDifference(found: unknown, expected: unknown, at = ''): Difference | null {
  if (Object.is(found, expected) || found === expected) return null;
  if (Array.isArray(found) && Array.isArray(expected)) {
    for (let i = 0; i < Math.max(found.length, expected.length); i++) {
      const difference = firstDifference(found[i], expected[i], `${at}[${i}]`);
      if (difference) return difference;
    }
    return null;
  }
  if (isRecord(found) && isRecord(expected)) {
    for (const key of new Set([...Object.keys(found), ...Object.keys(expected)])) {
      const difference = firstDifference(found[key], expected[key], at === '' ? key : `${at}.${key}`); // prettier-ignore
      if (difference) return difference;
    }
    return null;
  }
  return { at, found: shown(found), expected: shown(expected) };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
