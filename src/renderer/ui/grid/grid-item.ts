/** What one cell shows. */
export interface GridItem {
  /** Address of its thumbnail. */
  readonly src: string;
  /** Name for screen readers and the tooltip. */
  readonly label: string;
  /** In the corner chip. */
  readonly score?: string | null;
  /** A border, and how many. */
  readonly tags?: number;
  /** Dimmed and struck through. */
  readonly excluded?: boolean;
  /** A dot in its set's colour: round for ID, square for OOD. */
  readonly role?: 'id' | 'ood' | null;
}
