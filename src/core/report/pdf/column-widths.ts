/** How wide the columns of a table are. Distances in points. */

export interface ColumnNeed {
  /** Less would break a word or a number. */
  readonly least: number;
  /** Everything on one line. */
  readonly natural: number;
  /** Share of the room that is left over. */
  readonly grow: number;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/**
 * Widths that fill `width`: first what each column needs at least, then what it would like, then room that is
 * left over in proportion to `grow`.
 * @param natural whether columns keep their natural width instead of growing
 */
export function columnWidths(
  needs: readonly ColumnNeed[],
  width: number,
  natural = false,
): readonly number[] {
  const wanted = sum(needs.map((need) => need.natural));
  if (wanted <= width) {
    const growth = natural ? 0 : sum(needs.map(({ grow }) => grow));
    const rest = width - wanted;
    if (growth > 0) return needs.map((need) => need.natural + (rest * need.grow) / growth);
    return natural ? needs.map((need) => need.natural) : needs.map((need) => need.natural + rest / needs.length); // prettier-ignore
  }
  const least = sum(needs.map((need) => need.least));
  if (least >= width) return needs.map((need) => (need.least / least) * width);
  // Columns that want little get it; the widest are cut to a common width.
  const cut = (cap: number): number[] =>
    needs.map((need) => Math.max(need.least, Math.min(need.natural, cap)));
  let low = 0;
  let high = width;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (sum(cut(middle)) > width) high = middle;
    else low = middle;
  }
  return cut(low);
}

/**
 * Splits columns into groups that fit side by side, each with the first `sticky` columns again.
 * @returns indices of columns, group by group
 */
export function fittingGroups(
  needs: readonly ColumnNeed[],
  width: number,
  sticky: number,
): readonly (readonly number[])[] {
  const all = needs.map((_, c) => c);
  if (sum(needs.map(({ least }) => least)) <= width) return [all];
  const fixed = all.slice(0, sticky);
  const fixedWidth = sum(fixed.map((c) => needs[c]!.least));
  const groups: number[][] = [];
  let current: number[] = [];
  let used = fixedWidth;
  for (const c of all.slice(sticky)) {
    const { least } = needs[c]!;
    if (current.length > 0 && used + least > width) {
      groups.push(current);
      current = [];
      used = fixedWidth;
    }
    current.push(c);
    used += least;
  }
  groups.push(current);
  // Groups of about the same number of columns look better than a full one and a rest.
  const even = Math.ceil((needs.length - sticky) / groups.length);
  const columns = all.slice(sticky);
  const balanced = groups.map((_, g) => columns.slice(g * even, (g + 1) * even));
  const fits = balanced.every(
    (group) => fixedWidth + sum(group.map((c) => needs[c]!.least)) <= width,
  );
  return (fits ? balanced : groups)
    .filter((g) => g.length > 0)
    .map((group) => [...fixed, ...group]);
}
