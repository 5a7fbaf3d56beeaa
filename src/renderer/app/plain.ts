/** Values without Vue's proxies: a message port refuses those. */
import { toRaw } from 'vue';

/** The same value, arrays and plain objects freed of proxies at every depth; typed arrays stay as they are. */
export function plain<Value>(value: Value): Value {
  return unwrap(value) as Value;
}

function unwrap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const raw: unknown = toRaw(value);
  if (Array.isArray(raw)) return raw.map(unwrap);
  if (Object.getPrototypeOf(raw) !== Object.prototype) return raw;
  return Object.fromEntries(
    Object.entries(raw as Record<string, unknown>).map(([key, item]) => [key, unwrap(item)]),
  );
}
