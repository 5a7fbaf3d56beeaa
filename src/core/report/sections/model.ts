/** The models: what they are made of, where they come from, and the hashes of their weights. */
import type { ModelResult } from '../audit.ts';
import { count, counted, dateTime } from '../format.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table } from '../pdf/table.ts';
import { roleStyles } from '../tokens.ts';
import {
  audited,
  DESCRIPTIONS,
  sectionLink,
  suppliedBy,
  suppliedText,
  type ReportContext,
} from './context.ts';

/** More classes are listed in their table only. */
const LISTED = 40;

type Row = readonly [name: string, of: (model: ModelResult) => string];

const ROWS: readonly Row[] = [
  ['Role in this audit', ({ role }) => DESCRIPTIONS[role]],
  ['Model', (m) => (m.name === '' || m.name === m.id ? m.id : `${m.name} (${m.id})`)],
  ['Made', (m) => dateTime(m.createdAt)],
  ['Architecture', (m) => (m.layers === '' ? m.architecture : `${m.architecture}: ${m.layers}`)],
  ['Trainable parameters', (m) => count(m.parameters)],
  ['Multiply-adds per image', (m) => `${(m.multiplyAdds / 1e6).toFixed(1)} million`],
  ['Input', (m) => `${m.decode.size} x ${m.decode.size} pixels, RGB, ${m.decode.resize}`],
  ['Mean of RGB', (m) => m.normalisation.mean.map((v) => v.toFixed(4)).join(', ')],
  ['Standard deviation of RGB', (m) => m.normalisation.std.map((v) => v.toFixed(4)).join(', ')],
  ['Classes', (m) => count(m.classes.length)],
  ['Fine-tuned from', (m) => m.lineage.parentId ?? 'fresh weights'],
  [
    'Trained on',
    ({ lineage }) => `${lineage.dataset}${lineage.sameData ? '' : '; the set has changed since'}`,
  ],
  [
    'OOD images used in training',
    ({ lineage }) =>
      lineage.outlierSets.length === 0
        ? 'none'
        : lineage.outlierSets.map(({ dataset }) => dataset).join(', '),
  ],
];

export function modelSection({ flow, audit }: ReportContext, self: SectionTitle): void {
  const { models, statements } = audit;
  const model = audited(audit);
  openSection(flow, self, {
    lead: `The model under audit is ${model.name || model.id}. ${counted(models.length, 'model')} scored the same images with the same decoder.`,
  });
  table(
    flow,
    [{ title: '' }, ...models.map(({ role }) => ({ title: roleStyles[role].label, grow: 1.4 }))],
    ROWS.map(([name, of]) => [name, ...models.map(of)]),
    { caption: 'The models.', key: 'models', size: 7.9 },
  );
  flow.heading('Weights', 60);
  flow.facts(
    models.flatMap((m): [string, string][] => [
      [`${roleStyles[m.role].label}, SHA-256`, m.weightsSha256],
      ...(m.lineage.parentWeightsSha256 === null
        ? []
        : ([[`its parent, ${m.lineage.parentId ?? ''}`, m.lineage.parentWeightsSha256]] as [string, string][])), // prettier-ignore
    ]),
    { font: 'mono' },
  );
  flow.heading(`Classes of ${flow.fonts.visible(audit.idDataset.name)}`, 40);
  if (model.classes.length <= LISTED) flow.paragraph(model.classes.join(', '), { size: 8.4 });
  else flow.paragraph([`${counted(model.classes.length, 'class', 'classes')}: listed per class in `, sectionLink(10), '.']); // prettier-ignore
  flow.heading('Licence of the model', 40);
  flow.paragraph(suppliedText(statements.licence));
  const by = suppliedBy(statements.licence);
  if (by !== '') flow.note(by);
}
