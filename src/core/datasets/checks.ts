/** What makes a folder unusable as a whole. */
import { AppError } from '../errors.ts';
import { READABLE_FORMATS } from './image-files.ts';
import type { FolderListing } from './scanning.ts';
import type { Manifest } from './types.ts';

const quoted = (text: string): string => JSON.stringify(text);

/** @throws AppError `invalid-data` */
export function checkNotEmpty(root: string, { files, images, symlinks }: FolderListing): void {
  if (images.length > 0) return;
  const found =
    files.length > 0
      ? `${files.length.toLocaleString('en-US')} other file${files.length === 1 ? '' : 's'}`
      : 'nothing';
  const links =
    symlinks > 0 ? ` ${symlinks} symbolic links were not followed; copy the images instead.` : '';
  throw new AppError(
    'invalid-data',
    `${root} holds no images: ${found} in it.${links} Give the folder that holds them; Straylight reads ${READABLE_FORMATS} files, CIFAR binary batches and IDX files.`,
  );
}

/** @throws AppError `invalid-data` */
export function checkManifest(manifest: Manifest): void {
  const { root, images, role } = manifest;
  if (!images.some(({ status }) => status === 'ok')) {
    const first = images[0]!;
    throw new AppError(
      'invalid-data',
      `None of the ${images.length.toLocaleString('en-US')} images in ${root} can be read; the first, ${quoted(first.path)}: ${first.reason}. Check that the files are whole, then scan again.`,
    );
  }
  if (role === 'id') checkClasses(manifest);
}

function checkClasses({ root, classes, images }: Manifest): void {
  if (classes.length < 2) {
    const found = classes.length === 1 ? `one class, ${quoted(classes[0]!)}` : 'no class folders';
    throw new AppError(
      'invalid-data',
      `${root} has ${found}; an in-distribution set needs at least two, one folder each. For an out-of-distribution set use --role ood.`,
    );
  }
  checkNames(root, classes);
  const counts = new Array<number>(classes.length).fill(0);
  for (const { classIndex, status } of images)
    if (classIndex !== null && status === 'ok') counts[classIndex]!++;
  for (const [i, count] of counts.entries())
    if (count < 2)
      throw new AppError(
        'invalid-data',
        `${root}: class ${quoted(classes[i]!)} has ${count === 0 ? 'no usable image' : 'one usable image'}; each class needs at least two, one to train and one to test. Add images or remove the folder.`,
      );
  for (const split of ['train', 'val', 'test'] as const)
    if (!images.some((image) => image.split === split && image.status === 'ok'))
      throw new AppError(
        'invalid-data',
        `${root} has too few images: none is left for the ${split} split. Add images; ten or more a class is a sensible least.`,
      );
}

/** Names that differ only in case or in Unicode form are one folder on other systems. */
function checkNames(root: string, classes: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of classes) {
    const plain = name.normalize('NFC').toLowerCase();
    const other = seen.get(plain);
    if (other !== undefined)
      throw new AppError(
        'invalid-data',
        `${root}: the classes ${quoted(other)} and ${quoted(name)} differ only in case or Unicode form, so they are one folder on other systems. Merge or rename one.`,
      );
    seen.set(plain, name);
  }
}
