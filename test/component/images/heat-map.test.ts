import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HEAT_COLOURS as reportColours } from '../../../src/core/explain/heat-picture.ts';
import { useCommands } from '../../../src/renderer/app/stores/commands.ts';
import { HEAT_COLOURS, inputFrame, mapPixels, SIGNED_COLOURS, wordsOf } from '../../../src/renderer/features/images/heat-map.ts'; // prettier-ignore
import ImageDetail from '../../../src/renderer/features/images/ImageDetail.vue';
import { buttonOf } from '../support/find.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();
let mounted: Mounted | null = null;
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});

async function open(options: Parameters<typeof mountScreen>[1] = {}): Promise<Mounted> {
  const { world } = await import('../../../src/renderer/dev/fake/index.ts').then(({ createFake }) =>
    createFake({ images: 12 }),
  );
  const modelId = [...world.models.keys()][0]!;
  const sets = [...world.datasets.values()];
  const idDatasetId = sets.find(({ role }) => role === 'id')!.id;
  const oodDatasetIds = sets.filter(({ role }) => role === 'ood').map(({ id }) => id);
  mounted = await mountScreen(ImageDetail, {
    ...options,
    props: {
      imageRef: { datasetId: idDatasetId, ordinal: 3 },
      scope: { modelId, detector: 'energy', idDatasetId, split: 'test', oodDatasetIds },
      ...options.props,
    },
  });
  await vi.waitFor(() => expect(mounted!.wrapper.find('article').exists()).toBe(true));
  return mounted;
}
const asked = (): number =>
  mounted!.requests.filter(({ method }) => method === 'images.explain').length;

describe('the heat map of an image', () => {
  it('is asked for when it is to be shown, and not before', async () => {
    const { wrapper } = await open();
    expect(asked()).toBe(0);
    expect(wrapper.find('canvas').exists()).toBe(false);
    await buttonOf(wrapper, 'Heat map').trigger('click');
    await flushPromises();
    expect(asked()).toBe(1);
    expect(wrapper.find('canvas').exists()).toBe(true);
    // What it shows is said in words below the picture.
    const described = wrapper.get('[aria-describedby]').attributes('aria-describedby')!;
    const caption = document.getElementById(described)!;
    expect(caption.textContent).toMatch(/^Strongest at the .+\. Half of it lies on \d+\.\d% of the picture\.$/); // prettier-ignore
    await buttonOf(wrapper, 'For and against').trigger('click');
    await flushPromises();
    expect(asked()).toBe(1);
    expect(caption.textContent).toMatch(/speaks against it\.$/);
    await buttonOf(wrapper, 'Picture').trigger('click');
    expect(wrapper.find('canvas').exists()).toBe(false);
  });

  it('comes and goes with h', async () => {
    const { wrapper } = await open();
    const press = async (): Promise<void> => {
      useCommands().press(new KeyboardEvent('keydown', { key: 'h' }));
      await flushPromises();
    };
    await press();
    expect(wrapper.find('canvas').exists()).toBe(true);
    await press();
    expect(wrapper.find('canvas').exists()).toBe(false);
  });

  it('is not offered where no model has scored the image', async () => {
    const { wrapper } = await open({ props: { scope: null } });
    expect(wrapper.text()).not.toContain('Heat map');
  });

  it('says why it is missing', async () => {
    const { wrapper } = await open({
      handlers: {
        'images.explain': () =>
          Promise.reject(new Error('a.png cannot be explained: file is gone.')),
      },
    });
    await buttonOf(wrapper, 'Heat map').trigger('click');
    await flushPromises();
    expect(wrapper.text()).toContain('The heat map could not be drawn');
    expect(wrapper.text()).toContain('a.png cannot be explained');
  });

  it('in Chinese', async () => {
    const { wrapper } = await open({ language: 'zh-CN' });
    await buttonOf(wrapper, '热图').trigger('click');
    await flushPromises();
    expect(wrapper.text()).toMatch(/最强处在.+。一半集中在图像的/);
  });
});

it('the parts of the energy are shown with their sum', async () => {
  const { wrapper } = await open();
  await buttonOf(wrapper, 'Take it apart by feature').trigger('click');
  await flushPromises();
  const sums = wrapper.findAll('dl div').map((row) => row.text());
  for (const row of ['Features+6.10', 'Biases+0.08', 'Entropy+0.32', '−E6.50'])
    expect(sums).toContain(row);
  expect(wrapper.text()).toContain('The 8 of 128 features that matter most');
  await buttonOf(wrapper, 'Hide the features').trigger('click');
  expect(wrapper.text()).not.toContain('features that matter most');
});

describe('colours and words', () => {
  it('are those of the report', () => {
    expect(HEAT_COLOURS).toEqual(reportColours);
  });

  it('rise evenly in lightness, so that they can be read without hue', () => {
    // Relative luminance, WCAG 2.2.
    const luminance = (hex: string): number => {
      const [r, g, b] = [1, 3, 5].map((at) => {
        const v = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
        return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const lightness = HEAT_COLOURS.map(luminance);
    expect(lightness).toEqual([...lightness].sort((a, b) => a - b));
    const [against, , neutral, , towards] = SIGNED_COLOURS.map(luminance);
    expect(neutral).toBeGreaterThan(Math.max(against!, towards!) + 0.5);
  });

  it('the ends and the middle of both scales', () => {
    const rgb = (bytes: Uint8ClampedArray, at: number): string =>
      `#${Buffer.from(bytes.subarray(at * 4, at * 4 + 3)).toString('hex')}`;
    const heat = mapPixels(Uint8Array.of(0, 255), 'heat');
    expect([rgb(heat, 0), rgb(heat, 1)]).toEqual([HEAT_COLOURS[0], HEAT_COLOURS.at(-1)]);
    const signed = mapPixels(Uint8Array.of(1, 128, 255), 'signed');
    expect([0, 1, 2].map((at) => rgb(signed, at))).toEqual([SIGNED_COLOURS[0], SIGNED_COLOURS[2], SIGNED_COLOURS[4]]); // prettier-ignore
    expect(signed[3]).toBe(255);
  });

  it('a map in words', () => {
    const at = (x: number, y: number, value: number, rest: number): Uint8Array =>
      new Uint8Array(81).fill(rest).fill(value, y * 9 + x, y * 9 + x + 1);
    expect(wordsOf(at(0, 0, 255, 0), 9, 'heat')).toEqual({ where: 'top-left', share: 1 / 81 });
    expect(wordsOf(at(4, 4, 255, 0), 9, 'heat').where).toBe('centre');
    expect(wordsOf(at(8, 4, 255, 0), 9, 'heat').where).toBe('right');
    expect(wordsOf(new Uint8Array(81), 9, 'heat').where).toBeNull();
    expect(wordsOf(at(4, 8, 255, 100), 9, 'signed')).toEqual({ where: 'bottom', share: 80 / 81 });
    expect(wordsOf(new Uint8Array(81).fill(100), 9, 'signed')).toEqual({ where: null, share: 1 });
  });

  it('the map lies on the part of the picture that the network saw', () => {
    const wide = { width: 200, height: 100 };
    expect(inputFrame('stretch', wide)).toEqual({ left: '0%', top: '0%', width: '100%', height: '100%' }); // prettier-ignore
    expect(inputFrame('center-crop', wide)).toEqual({ left: '25%', top: '0%', width: '50%', height: '100%' }); // prettier-ignore
    expect(inputFrame('pad', wide)).toEqual({ left: '0%', top: '-50%', width: '100%', height: '200%' }); // prettier-ignore
  });
});
