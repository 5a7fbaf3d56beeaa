/** Examines the machine: what is here, which tier runs and whether it computes correctly. */
export { collectDoctorReport, type DoctorOptions } from './collect.ts';
export { doctorSections, formatDoctorReport, isHealthy } from './format.ts';
export type { DoctorReport } from './report.ts';
export { formatTuning, measureThreads, type TuneOptions } from './tune.ts';
