/** The most recently used values, made once per key; a value that could not be made is forgotten. */
export class Recent<Value> {
  private readonly values = new Map<string, Value>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  get(key: string, make: () => Value): Value {
    const value = this.values.get(key) ?? make();
    this.values.delete(key);
    this.values.set(key, value);
    if (value instanceof Promise) value.catch(() => this.values.delete(key));
    for (const old of this.values.keys()) {
      if (this.values.size <= this.most) break;
      this.values.delete(old);
    }
    return value;
  }

  /** The value that is kept. */
  peek(key: string): Value | undefined {
    return this.values.get(key);
  }
}
