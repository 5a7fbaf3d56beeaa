import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld } from '../../../src/renderer/dev/fake/world.ts';
import { auditable, auditCommand, cautionsOf, controlOf, shellQuote } from '../../../src/renderer/features/report/audit-plan.ts'; // prettier-ignore
import ReportScreen from '../../../src/renderer/features/report/ReportScreen.vue';
import { buttonOf } from '../support/find.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

const world = createWorld({ images: 9500 });
const models = [...world.models.values()];
const model = (id: string) => world.models.get(id)!;
const dataset = (id: string) => world.datasets.get(id)!;
const plan = {
  before: model('m-before'),
  control: model('m-control'),
  sparse: model('m-sparse'),
  idDataset: dataset('fashion'),
  oodDatasets: [dataset('photographs'), dataset('digits')],
};

describe('the command line of an audit', () => {
  it('names every model and set by its id', () => {
    expect(auditCommand(plan, { workspace: '/home/ada/Straylight', platform: 'linux' })).toBe(
      'straylight --workspace /home/ada/Straylight audit m-sparse --before m-before --control m-control --id fashion --ood photographs digits',
    );
  });

  it
    .skipIf(process.platform === 'win32')
    .each(["/home/ada/My images, Ada's; rm -rf $HOME `date`", '/data/图像 "new"\\', '-rf'])(
    'is taken by a POSIX shell as it is: %s',
    (folder) => {
      const quoted = shellQuote(folder, 'linux');
      expect(execFileSync('/bin/sh', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' })).toBe(
        folder,
      );
    },
  );

  it('doubles single quotes for PowerShell', () => {
    expect(shellQuote("C:\\Ada's images", 'win32')).toBe("'C:\\Ada''s images'");
  });
});

describe('what an audit covers', () => {
  it('is any model that was fine-tuned from one that is here', () => {
    expect(auditable(models).map(({ id }) => id)).toEqual(['m-sparse', 'm-sparse-2']);
    expect(auditable(models.filter(({ id }) => id !== 'm-before'))).toEqual([]);
  });

  it('takes the control of the same seed', () => {
    const second = { ...model('m-control'), id: 'c2', seed: 2, createdAt: '2020-01-01T00:00:00Z' };
    expect(controlOf(model('m-sparse-2'), [...models, second])!.id).toBe('c2');
    expect(controlOf(model('m-sparse'), [...models, second])!.id).toBe('m-control');
    expect(controlOf(model('m-sparse'), [model('m-before')])).toBeNull();
  });

  it('says beforehand what a reader would object to', () => {
    expect(cautionsOf(plan, models)).toEqual(['leakage']);
    const far = { ...plan, control: null, oodDatasets: [{ ...dataset('digits'), analysis: null }] };
    expect(cautionsOf(far, [model('m-before'), model('m-sparse')])).toEqual(['no-control', 'no-near', 'one-seed', 'leakage', 'not-analysed']); // prettier-ignore
  });
});

describe('the report screen', () => {
  let mounted: Mounted | null = null;
  afterEach(() => mounted?.wrapper.unmount());

  it('shows models and sets, and the command for them', async () => {
    mounted = await mountScreen(ReportScreen, { path: '/report?ood=digits', images: 9500 });
    expect(mounted.wrapper.find('pre').text()).toBe(
      'straylight --workspace /home/ada/Straylight audit m-sparse --before m-before --control m-control --id fashion --ood digits',
    );
    expect(mounted.wrapper.findAll('tbody tr')).toHaveLength(3);
    expect(mounted.wrapper.text()).toContain('No near set is among them');
  });

  it('says why there is no command without an out-of-distribution set', async () => {
    mounted = await mountScreen(ReportScreen, { path: '/report?ood=', images: 9500 });
    expect(mounted.wrapper.find('pre').exists()).toBe(false);
    expect(buttonOf(mounted.wrapper, 'Copy the command').attributes('aria-disabled')).toBe('true');
  });

  it('leads to training when there is nothing to audit', async () => {
    mounted = await mountScreen(ReportScreen, { path: '/report', images: 0 });
    expect(buttonOf(mounted.wrapper, 'Pretrain').exists()).toBe(true);
  });
});
