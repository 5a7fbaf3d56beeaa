export interface TableColumn<Row> {
  readonly id: string;
  readonly label: string;
  /** `number`: right-aligned, as wide as it needs. */
  readonly align?: 'number';
  readonly width?: string;
  readonly text?: (row: Row) => string;
  /** What it is sorted by; null goes last. Without it the column cannot be sorted. */
  readonly order?: (row: Row) => number | string | null;
  /** Where sorting begins; numbers that are read from the worst begin descending. */
  readonly firstDirection?: 'ascending' | 'descending';
}

export interface TableSort {
  readonly column: string;
  readonly direction: 'ascending' | 'descending';
}
