import { describe, expect, it } from 'vitest';
import { readLayout } from '../../../src/core/datasets/layout.ts';

describe('what folders say', () => {
  it('class folders make an ID set; deeper folders belong to their class', () => {
    const layout = readLayout(
      ['cat/1.png', 'cat/old/2.png', 'dog/1.png', 'img10/1.png', 'img2/1.png'],
      'auto',
    );
    expect(layout.role).toBe('id');
    expect(layout.classes).toEqual(['cat', 'dog', 'img2', 'img10']);
    expect(layout.files.map(({ className }) => className)).toEqual([
      'cat',
      'cat',
      'dog',
      'img10',
      'img2',
    ]);
    expect(layout.splitFolders).toBe(false);
  });

  it('train, val and test at the top are splits, whatever their case or long form', () => {
    const layout = readLayout(
      ['Train/cat/1.png', 'Train/dog/1.png', 'validation/cat/2.png', 'test/dog/3.png'],
      'auto',
    );
    expect(layout).toMatchObject({ role: 'id', classes: ['cat', 'dog'], splitFolders: true });
    expect(layout.files.map(({ split }) => split)).toEqual(['train', 'train', 'val', 'test']);
  });

  it('a class called test beside other classes is a class', () => {
    const layout = readLayout(['test/1.png', 'cat/1.png'], 'auto');
    expect(layout).toMatchObject({ role: 'id', classes: ['cat', 'test'], splitFolders: false });
  });

  it.each([
    ['a flat folder', ['1.png', '2.png']],
    ['one subfolder', ['images/1.png', 'images/2.png']],
    ['split folders without classes', ['train/1.png', 'test/2.png']],
    ['mostly loose images', ['1.png', '2.png', '3.png', 'a/1.png', 'b/1.png']],
  ])('%s is an OOD set', (_, paths) => {
    expect(readLayout(paths, 'auto')).toMatchObject({ role: 'ood', classes: [] });
  });

  it('a person decides: class folders as OOD, loose images outside of classes as ID', () => {
    expect(readLayout(['a/1.png', 'b/1.png'], 'ood')).toMatchObject({ role: 'ood', classes: [] });
    const id = readLayout(['1.png', 'a/1.png', 'b/1.png'], 'id');
    expect(id.files[0]).toMatchObject({ path: '1.png', className: null });
  });
});
