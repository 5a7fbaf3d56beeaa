/**
 * 97.5% quantiles of Student's t with 1 to 30 degrees of freedom, as printed in tables (Fisher & Yates 1963, table
 * III; NIST/SEMATECH e-Handbook, section 1.3.6.7.2).
 */
const T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045,
  2.042,
] as const; // prettier-ignore

/**
 * 97.5% quantile of Student's t, for two-sided 95% intervals. Beyond 30 degrees of freedom that of 30, which is
 * larger, so that an interval is never too narrow.
 * @param degrees of freedom, at least 1
 */
export function student975(degrees: number): number {
  const index = Math.min(degrees, T_975.length) - 1;
  const value = T_975[index];
  if (value === undefined || !Number.isInteger(degrees))
    throw new RangeError(`Student's t: ${degrees} degrees of freedom.`);
  return value;
}
