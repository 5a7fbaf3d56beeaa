/** Tooltips of charts: described as data, made of DOM nodes, so that a file name is never HTML. */

export interface Tip {
  readonly title: string;
  readonly rows: readonly {
    readonly label: string;
    readonly value: string;
    readonly colour?: string;
  }[];
}

/** What is under the pointer. */
export interface TipPoint {
  readonly seriesId: string;
  readonly seriesName: string;
  readonly dataIndex: number;
  readonly value: readonly number[];
}

export function tipElement({ title, rows }: Tip): HTMLElement {
  const root = node('div', 'chart-tip');
  if (title !== '') root.append(node('div', 'chart-tip-title', title));
  for (const { label, value, colour } of rows) {
    const row = node('div', 'chart-tip-row');
    const mark = node('span', 'chart-tip-mark');
    if (colour) mark.style.backgroundColor = colour;
    row.append(
      mark,
      node('span', 'chart-tip-label', label),
      node('span', 'chart-tip-value', value),
    );
    root.append(row);
  }
  return root;
}

function node(tag: string, className: string, text?: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** ECharts' parameters of one or several points, as far as tips need them. */
export function tipPoints(params: unknown): readonly TipPoint[] {
  const list = (Array.isArray(params) ? params : [params]) as readonly {
    readonly seriesId?: string;
    readonly seriesName?: string;
    readonly dataIndex?: number;
    readonly value?: number | readonly number[];
  }[];
  return list.map(({ seriesId = '', seriesName = '', dataIndex = -1, value = [] }) => ({
    seriesId,
    seriesName,
    dataIndex,
    value: typeof value === 'number' ? [value] : value,
  }));
}
