/**
 * Where a report holds evidence for what regulations and frameworks ask about. Never that something complies: that is
 * for people to decide.
 */
import type { Audit, Evidence } from './audit.ts';

type Status = Evidence['status'];
/** Reference, what it asks, section, status, note. */
type Entry = readonly [string, string, number, Status, string];

/** @param audit with its limitations */
export function evidenceOf(audit: Audit): readonly Evidence[] {
  const { statements, robustness, seeds, versions, models, protocol, oodDatasets, idDataset } = audit; // prettier-ignore
  const said = (...fields: readonly (object | string | null)[]): Status => {
    const given = fields.filter((field) => field !== null).length;
    return given === 0 ? 'absent' : given === fields.length ? 'user-supplied' : 'partial';
  };
  const criteria = statements.acceptanceCriteria;
  const early = criteria !== null && criteria.every(({ beforeTest }) => beforeTest === true);
  const sources = statements.datasets.map(({ source }) => source);
  const measured = [idDataset, ...oodDatasets].every(({ quality }) => quality.measured);
  const line = (
    framework: string,
    reference: string,
    asks: string,
    section: number,
    status: Status,
    note: string,
  ): Evidence => ({ framework, reference, asks, section, status, note });
  const act = (...rest: Entry) => line('EU AI Act', ...rest);
  const nist = (...rest: Entry) => line('NIST AI RMF 1.0', ...rest);
  const card = (...rest: Entry) => line('Model card (Mitchell et al. 2019)', ...rest);
  return [
    act('Annex IV 2(g)', 'Validation and testing procedures', 9, protocol.tuning.testDataUsed === false ? 'present' : 'partial', 'Protocol, conventions, and what tuned what.'), // prettier-ignore
    act('Annex IV 2(g)', 'Validation and testing data and their main characteristics', 5, sources.every((source) => source !== null) ? 'present' : 'partial', 'Counts, sizes and hashes are measured; origin and licence are for people to supply.'), // prettier-ignore
    act('Annex IV 2(g)', 'Metrics of accuracy and robustness', 11, robustness === null ? 'partial' : 'present', robustness === null ? 'Results per set with intervals; robustness was not measured.' : 'Results per set with intervals, and robustness to corruptions.'), // prettier-ignore
    act('Annex IV 2(g)', 'Potentially discriminatory impacts', 10, 'partial', 'Results per class only; groups of people are not known to the report.'), // prettier-ignore
    act('Annex IV 2(g)', 'Test logs and reports, dated and signed by the responsible persons', 20, said(statements.preparer, statements.reviewer), 'per-image.csv is the log; names and dates are for people to supply.'), // prettier-ignore
    act('Art. 15(1), (3)', 'Level of accuracy, declared with its metrics', 10, 'present', 'ID accuracy with its interval, per class, and calibration.'), // prettier-ignore
    act('Art. 15(4)', 'Resilience to errors, faults and inconsistencies', 15, robustness === null ? 'absent' : 'partial', robustness === null ? '' : 'Noise, blur, brightness and JPEG at five severities.'), // prettier-ignore
    act('Art. 15(5)', 'Cybersecurity: data poisoning, evasion, model poisoning', 16, 'absent', ''), // prettier-ignore
    nist('MEASURE 1.1', 'Metrics are chosen for the most significant risks; what is not measured is documented', 16, 'partial', 'The limits are found by the report itself; the choice of risks is for people.'), // prettier-ignore
    nist('MEASURE 2.1', 'Test sets, metrics and tools are documented', 9, 'present', 'Sets with Merkle roots, definitions of metrics, versions.'), // prettier-ignore
    nist('MEASURE 2.5', 'The system is shown to be valid and reliable; limits of generalisation are documented', 11, seeds.length > 0 ? 'present' : 'partial', seeds.length > 0 ? 'Results per set, over seeds.' : 'Results per set, of one training per model.'), // prettier-ignore
    card('Model details', 'Who, when, version, type, licence', 4, statements.licence === null ? 'partial' : 'present', statements.licence === null ? 'The licence was not supplied.' : ''), // prettier-ignore
    card('Intended use', 'Primary uses, users, out-of-scope uses', 3, said(statements.intendedUse, statements.outOfScopeUse), ''), // prettier-ignore
    card('Factors', 'Groups, instrumentation, environments', 10, 'partial', 'Per class and per set.'), // prettier-ignore
    card('Metrics', 'Performance measures, thresholds, variation', 13, 'present', 'With intervals and the threshold’s origin.'), // prettier-ignore
    card('Evaluation data', 'Datasets, motivation, preprocessing', 5, sources.every((source) => source !== null) ? 'present' : 'partial', ''), // prettier-ignore
    card('Training data', 'As above, for training', 8, models.every(({ lineage }) => lineage.sameData) ? 'present' : 'partial', ''), // prettier-ignore
    card('Quantitative analyses', 'Unitary and intersectional results', 10, 'partial', 'Per class; classes are not crossed with other factors.'), // prettier-ignore
    card('Ethical considerations', 'Risks and harms, mitigations', 17, said(statements.risks, statements.actions), ''), // prettier-ignore
    card('Caveats and recommendations', 'What else should be known', 16, 'present', ''),
    line('This report', 'Acceptance criteria', 'Fixed before the test', 3, criteria === null ? 'absent' : early ? 'present' : 'partial', ''), // prettier-ignore
    line('This report', 'Human oversight and monitoring', 'Who looks, what triggers a new audit', 17, said(statements.oversight, statements.monitoring), ''), // prettier-ignore
    line('This report', 'Data quality', 'Corrupt images, copies, leakage, flags', 6, measured ? 'present' : 'partial', measured ? '' : 'Flags and near copies were not looked for in every set.'), // prettier-ignore
    line('This report', 'Version history', 'Earlier reports of this model', 20, versions.length > 0 ? 'present' : 'absent', ''), // prettier-ignore
  ];
}
