import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isExternalPage } from '../../../src/contract/external-pages.ts';
import { DETECTORS } from '../../../src/renderer/dev/fake/detectors.ts';
import ScoresScreen from '../../../src/renderer/features/scores/ScoresScreen.vue';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();
let mounted: Mounted | null = null;
async function open(path: string): Promise<Mounted> {
  mounted = await mountScreen(ScoresScreen, { path, images: 950 });
  return mounted;
}
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});
const askedFor = (method: string) =>
  mounted!.requests.filter((request) => request.method === method).map(({ params }) => params);

describe('the choice of a detector', () => {
  it('says what each needs, learns, costs and assumes, and where it is from', async () => {
    const { wrapper } = await open('/scores');
    await vi.waitFor(() => expect(wrapper.find('.detector-picker').exists()).toBe(true));
    await wrapper.get('.detector-picker').trigger('click');
    await flushPromises();
    const items = [...document.querySelectorAll<HTMLButtonElement>('.detector-list button')];
    expect(items.map((item) => item.querySelector('.ellipsis')!.textContent)).toEqual(
      DETECTORS.map(({ label }) => label),
    );
    for (const [i, { fits, cost, assumes, source }] of DETECTORS.entries()) {
      items[i]!.focus();
      await flushPromises();
      const about = document.querySelector('.picker .about')!.textContent;
      for (const text of [cost, assumes, source, fits ?? 'nothing']) expect(about).toContain(text);
    }
  });

  it('computes one that learns before anything is drawn with it', async () => {
    const { wrapper } = await open('/scores?score=mahalanobis');
    await vi.waitFor(() => expect(wrapper.find('aside.readout').exists()).toBe(true));
    const asked = mounted!.requests.map(({ method }) => method);
    expect(asked.indexOf('scores.sideBySide')).toBeLessThan(asked.indexOf('scores.distributions'));
    expect(askedFor('scores.sideBySide')).toMatchObject([{ detectors: ['mahalanobis'] }]);
  });

  it('says why one has no scores, and has them computed for all sets that are shown', async () => {
    const { wrapper } = await open('/scores?score=odin');
    await vi.waitFor(() => expect(wrapper.text()).toContain('ODIN has no scores here'));
    expect(askedFor('scores.distributions')).toEqual([]);
    const button = wrapper
      .findAll('button')
      .find((one) => one.text() === 'Score again with what is missing')!;
    await button.trigger('click');
    await vi.waitFor(() => expect(wrapper.find('aside.readout').exists()).toBe(true));
    const [asked] = askedFor('scores.compute') as { extras: string[]; datasetIds: string[] }[];
    expect(asked!.extras).toEqual(['perturbed']);
    expect(asked!.datasetIds).toContain('fashion');
  });
});

describe('all detectors', () => {
  it('are a table that sorts by any set, best first, and a row opens its detector', async () => {
    const { wrapper } = await open('/scores?tab=detectors');
    await vi.waitFor(() => expect(wrapper.find('.detectors table').exists()).toBe(true));
    const column = (at: number): number[] =>
      wrapper
        .findAll('.detectors tbody tr')
        .filter((row) => row.findAll('td').length > 1)
        .map((row) => Number.parseFloat(row.findAll('td')[at]!.text()));
    const sorted = (values: number[]): number[] => values.toSorted((a, b) => b - a);
    const heads = wrapper.findAll('.detectors thead th');
    const mean = heads.length - 3;
    expect(column(mean)).toEqual(sorted(column(mean)));
    expect(heads[mean + 1]!.attributes('aria-sort')).toBe('descending');
    await heads[1]!.get('button').trigger('click');
    expect(column(0)).toEqual(sorted(column(0)));
    await heads[1]!.get('button').trigger('click');
    expect(column(0)).toEqual(sorted(column(0)).toReversed());
    // Those without scores come last and say why.
    const last = wrapper.findAll('.detectors tbody tr').at(-1)!;
    expect(last.text()).toContain('straylight score');
    const row = wrapper.findAll('.detectors tbody tr').find((one) => one.text().startsWith('KNN'))!;
    await row.trigger('click');
    await vi.waitFor(() => expect(mounted!.router.currentRoute.value.query['score']).toBe('knn'));
  });

  it('are small multiples too, one per detector with scores', async () => {
    const { wrapper } = await open('/scores?tab=detectors');
    await vi.waitFor(() => expect(wrapper.find('.detectors table').exists()).toBe(true));
    await wrapper.findAll('button').find((one) => one.text() === 'Distributions')!.trigger('click'); // prettier-ignore
    const withScores = DETECTORS.filter(({ needs }) => !needs.includes('perturbed') && !needs.includes('stages')); // prettier-ignore
    expect(wrapper.findAll('.multiple')).toHaveLength(withScores.length);
    // A shape for the ID set and a line per OOD set.
    expect(wrapper.findAll('.multiple')[0]!.findAll('polygon')).toHaveLength(1);
    expect(wrapper.findAll('.multiple')[0]!.findAll('polyline').length).toBeGreaterThan(0);
  });
});

describe('pages of publications', () => {
  it('may all be opened', () => {
    for (const { sourceUrl } of DETECTORS)
      expect(sourceUrl === null || isExternalPage(sourceUrl)).toBe(true);
  });
});
