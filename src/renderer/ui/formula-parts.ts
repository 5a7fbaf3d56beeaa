export interface FormulaPart {
  readonly text: string;
  readonly place: 'line' | 'down' | 'up';
  /** A single letter stands for a quantity; words such as `log` are upright. */
  readonly letter: boolean;
}

/** Splits `Σ_k exp(z_k)` into what stands on the line, below and above it. */
export function formulaParts(text: string): readonly FormulaPart[] {
  const parts: FormulaPart[] = [];
  const pattern = /([_^])(?:\{([^}]*)\}|(.))|([\p{L}]+)|([^_^\p{L}]+|[_^])/gu;
  for (const [, mark, braced, single, word, other] of text.matchAll(pattern)) {
    const place = mark === undefined ? 'line' : mark === '_' ? 'down' : 'up';
    const shown = braced ?? single ?? word ?? other ?? '';
    const letter = word !== undefined && /^\p{L}$/u.test(word) && word !== 'Σ';
    parts.push({ text: shown, place, letter });
  }
  return parts;
}
