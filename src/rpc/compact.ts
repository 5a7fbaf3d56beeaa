/** A copy in memory of its own. Not `value.slice()`: that of a Node `Buffer` shares its memory. */
const copyOf = (view: ArrayBufferView): unknown => {
  const { slice } = Object.getPrototypeOf(Uint8Array.prototype) as {
    readonly slice: () => unknown;
  };
  return slice.call(view);
};

/**
 * Cloning a view clones the whole buffer behind it. This replaces views on a part of a buffer by copies of
 * that part, so that a column cut from a larger block travels alone.
 * @returns the same value when there was nothing to replace
 */
export function compact(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    if (value.byteLength === value.buffer.byteLength || value instanceof DataView) return value;
    return copyOf(value);
  }
  if (Array.isArray(value)) {
    const copies = value.map(compact);
    return copies.some((copy, i) => copy !== value[i]) ? copies : value;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value);
  const copies = entries.map(([key, part]) => [key, compact(part)] as const);
  return copies.some(([, copy], i) => copy !== entries[i]![1]) ? Object.fromEntries(copies) : value;
}
