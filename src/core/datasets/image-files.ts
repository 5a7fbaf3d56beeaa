/** Which files are taken for images. What they really are is decided by their bytes, when they are read. */
import path from 'node:path';

const EXTENSIONS: ReadonlySet<string> = new Set(
  'png apng jpg jpeg jpe jfif webp bmp dib tif tiff gif avif heic heif'
    .split(' ')
    .map((name) => `.${name}`),
);

/** For messages: what can be decoded. */
export const READABLE_FORMATS = 'PNG, JPEG, WebP, BMP, TIFF, GIF and AVIF';

/** Whether a file is taken for an image, by its extension; such a file becomes a row of the manifest. */
export const isImageFile = (file: string): boolean =>
  EXTENSIONS.has(path.extname(file).toLowerCase());
