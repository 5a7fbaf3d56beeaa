/** Learning rate as a function of the step. */
import { AppError, assertNever } from '../errors.ts';

export type Schedule =
  | { readonly kind: 'constant' }
  /** Multiplied by `factor` at each of the given shares (0 to 1) of the run. */
  | { readonly kind: 'step'; readonly at: readonly number[]; readonly factor: number }
  /** Half a cosine from the base rate to `final`, per step (as hendrycks/energy_ood do). */
  | { readonly kind: 'cosine'; readonly final: number }
  /** Cosine up from base / 25 to base over `warmup` of the run, cosine down to base / 1e4 (Smith 2018; PyTorch's OneCycleLR). */
  | { readonly kind: 'one-cycle'; readonly warmup: number };

const cosineBetween = (from: number, to: number, share: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;

/**
 * @param base the configured learning rate
 * @param step 0 to steps - 1
 * @param steps of the whole run
 */
export function learningRateAt(
  schedule: Schedule,
  base: number,
  step: number,
  steps: number,
): number {
  if (!(step >= 0 && step < steps))
    throw new AppError('internal', `Step ${step} is outside the run of ${steps} steps.`);
  switch (schedule.kind) {
    case 'constant':
      return base;
    case 'step':
      return base * schedule.factor ** schedule.at.filter((share) => step >= share * steps).length;
    case 'cosine':
      return cosineBetween(base, schedule.final, step / steps);
    case 'one-cycle': {
      const top = schedule.warmup * steps - 1;
      if (step <= top) return cosineBetween(base / 25, base, step / top);
      return cosineBetween(base, base / 25 / 1e4, (step - top) / (steps - 1 - top));
    }
    default:
      return assertNever(schedule);
  }
}

/** e.g. `cosine to 0.000001`. */
export function describeSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'constant':
      return 'constant';
    case 'step':
      return `times ${schedule.factor} at ${schedule.at.map((share) => `${Math.round(share * 100)}%`).join(', ')}`;
    case 'cosine':
      return `cosine to ${schedule.final}`;
    case 'one-cycle':
      return `one cycle, ${Math.round(schedule.warmup * 100)}% warm-up`;
    default:
      return assertNever(schedule);
  }
}
