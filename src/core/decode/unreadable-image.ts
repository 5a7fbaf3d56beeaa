/** An image that cannot be used; `message` is the reason that the manifest shows. */
export class UnreadableImage extends Error {
  override readonly name = 'UnreadableImage';
}
