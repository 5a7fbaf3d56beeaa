/** Which models belong together in an audit. */
import { AppError } from '../errors.ts';
import { controlMismatches } from '../metrics/control-check.ts';
import type { ModelRow } from '../store/models.ts';
import type { Workspace } from '../store/workspace.ts';
import { comparedRun } from './compare-models.ts';

/**
 * The models that a sparse one is compared with: those given, else its parent and the control that is closest to it.
 * @param given `control: null` for none
 * @throws AppError `usage` when there is nothing to compare with; `not-found`
 */
export function relatedModels(
  workspace: Workspace,
  wanted: string,
  given: { readonly before?: string | undefined; readonly control?: string | null | undefined },
): { readonly before: string; readonly control: string | null; readonly sparse: string } {
  const { id: sparse, name, parentId } = workspace.getModel(wanted);
  const before = given.before === undefined ? parentId : workspace.getModel(given.before).id;
  if (before === null)
    throw new AppError(
      'usage',
      `${name} is a pretrained model: there is nothing to compare it with. Fine-tune it first: straylight finetune ${sparse}`,
    );
  const { control } = given;
  if (control === null) return { before, control, sparse };
  return {
    before,
    control: control === undefined ? closestControl(workspace.listModels(), sparse) : workspace.getModel(control).id, // prettier-ignore
    sparse,
  };
}

/**
 * The control of a model among those of its parent: the one whose settings differ least, the newest of equals. The
 * verdict tells what still differs.
 */
export function closestControl(models: readonly ModelRow[], wanted: string): string | null {
  const sparse = models.find(({ id }) => id === wanted);
  if (!sparse) return null;
  const run = comparedRun(sparse);
  const controls = models
    .filter(
      ({ id, parentId, role }) =>
        id !== wanted && parentId === sparse.parentId && role === 'control',
    )
    .map((row) => ({ id: row.id, mismatches: controlMismatches(run, comparedRun(row)).length }))
    .toSorted((a, b) => a.mismatches - b.mismatches || (a.id < b.id ? 1 : -1));
  return controls[0]?.id ?? null;
}
