import type { Estimate } from '../report/audit.ts';

/**
 * A difference of two rates in percentage points with its interval: `+3.2 points (95% interval −1.1 to +5.4)`.
 * One decimal; more only where a number that is not 0 would print as 0.0, so that text and decision agree.
 * @param rates a difference of rates, -1 to 1
 */
export function signedPoints(rates: Estimate): string {
  const print = printer(rates);
  const signed = (rate: number): string => `${rate > 0 ? '+' : ''}${print(rate)}`;
  return `${signed(rates.value)} points (95% interval ${signed(rates.low)} to ${signed(rates.high)})`;
}

/** The size of a change whose interval lies on one side of 0, without signs: `3.2 points (95% interval 1.1 to 5.4)`. */
export function sizeInPoints(rates: Estimate): string {
  const sizes =
    rates.high < 0 ? { value: -rates.value, low: -rates.high, high: -rates.low } : rates;
  const print = printer(sizes);
  return `${print(sizes.value)} points (95% interval ${print(sizes.low)} to ${print(sizes.high)})`;
}

function printer({ value, low, high }: Estimate): (rate: number) => string {
  let decimals = 1;
  const vanishes = (rate: number): boolean =>
    rate !== 0 && Number((rate * 100).toFixed(decimals)) === 0;
  while (decimals < 6 && [value, low, high].some(vanishes)) decimals++;
  return (rate) => {
    const text = (rate * 100).toFixed(decimals);
    return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
  };
}
