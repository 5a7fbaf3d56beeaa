/** How it was measured, what was not, how to do it again, and what people have to add. */
import { count } from '../format.ts';
import type { ReportContext } from './context.ts';

export function protocolSection({ flow, audit }: ReportContext): void {
  flow.chapter('Protocol');
  flow.bullets([
    'Score: energy E(x) = −log Σ exp(f(x)) over the class logits f at temperature 1; lower means more in-distribution. Ranked by S = −E.',
    'An image is called OOD when its energy lies above the threshold. The threshold is set on ID validation images only; no OOD image had a part in training, tuning or the choice of the threshold.',
    'Equal scores count as one step of every curve, as in scikit-learn. FPR95 is read at the largest threshold that keeps at least 95% of the ID test images.',
    'All models scored the same images, decoded once by the decoder that also served training. OOD sets were used whole, without subsampling.',
    `Intervals: percentile bootstrap, ${count(audit.bootstrap.samples)} resamples, seed ${audit.bootstrap.seed}; ID and OOD images are resampled independently, and models are paired on the same resamples. They cover the choice of images, not the choice of the training seed.`,
    'The control is the same fine-tuning from the same weights with the same seed and λ = 0. Differences to it are what sparsity did; differences to the pretrained model also hold what a longer training without crops did.',
  ]);
}

export function limitationsSection({ flow, audit }: ReportContext): void {
  const smallest = Math.min(...audit.models[0]!.scores[0]!.perSet.map(({ n }) => n));
  flow.heading('What was not measured');
  flow.bullets([
    'One training seed. Another seed moves FPR95 by some points; repeat with other seeds before you rely on a small difference.',
    `The smallest OOD set holds ${count(smallest)} images. Images that resemble each other (crops of one picture, frames of one video) make intervals look narrower than they are.`,
    'Near and far OOD sets were not told apart. Corruptions (noise, blur, brightness, compression) were not tested.',
    'Near duplicates between sets were not looked for; exact ones are under Data.',
  ]);
}

export function reproducibilitySection({ flow, audit }: ReportContext): void {
  const { environment, models, idDataset } = audit;
  flow.heading('To do it again', 120);
  flow.facts([
    ['Command', audit.command],
    ['Seed', String(audit.seed)],
    ['Straylight', environment.app],
    ['Computed on', `${environment.tier} tier, ${environment.threads} threads`],
    ['TensorFlow', environment.tensorflow],
    ['tfjs', environment.tfjs],
    ['Node', environment.node],
    ['System', environment.os],
    ['Processor', environment.cpu],
  ]);
  flow.facts(
    [
      ['ID fingerprint', idDataset.fingerprint],
      ...models.map(({ role, weightsSha256 }): [string, string] => [
        `Weights, ${role}`,
        weightsSha256,
      ]),
    ],
    'mono',
  );
}

/** A blank that only people can fill is printed, never left out. */
export function suppliedSection({ flow }: ReportContext): void {
  flow.heading('From people', 120);
  flow.facts(
    [
      'Intended use',
      'Out-of-scope use',
      'Acceptance criteria',
      'Risks and actions',
      'Prepared by',
      'Reviewed by',
      'Signature, date',
    ].map((name): [string, string] => [name, 'not supplied']),
  );
}
