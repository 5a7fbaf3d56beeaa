/** Height or width after a convolution that pads floor(kernel / 2) on both sides. */
export const convOutputSize = (size: number, kernel: number, stride: number): number =>
  Math.floor((size + 2 * (kernel >> 1) - kernel) / stride) + 1;
