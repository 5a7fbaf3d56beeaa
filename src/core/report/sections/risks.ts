/** What people make of it: risks, actions, oversight, monitoring. */
import { openSection, type SectionTitle } from '../pdf/section.ts';
import type { ReportContext } from './context.ts';
import { statement } from './scope.ts';

export function risksSection(
  { flow, audit: { statements } }: ReportContext,
  self: SectionTitle,
): void {
  openSection(flow, self, {
    lead: 'Judged by people who know the use. Straylight prints it as it was written.',
    needs: 200,
  });
  statement(flow, 'Risks', statements.risks);
  statement(flow, 'Recommended actions', statements.actions);
  statement(flow, 'Human oversight', statements.oversight);
  statement(flow, 'Monitoring and triggers of a new audit', statements.monitoring);
}
