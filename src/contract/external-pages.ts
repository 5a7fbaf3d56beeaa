/** The pages outside of the app that it may open in the person's browser. Nothing else leaves the window. */

/** Exact addresses; a link in the window must be one of these to do anything. */
export const externalPages = {
  /** Energy-based out-of-distribution detection, the score's paper. */
  energyPaper: 'https://arxiv.org/abs/2010.03759',
  /** Where a driver for an NVIDIA GPU is had, for the device screen. */
  nvidiaDrivers: 'https://www.nvidia.com/en-us/drivers/',
  /** What CUDA versions and GPUs TensorFlow runs on. */
  tensorflowGpu: 'https://www.tensorflow.org/install/gpu',
} as const;

const addresses: ReadonlySet<string> = new Set(Object.values(externalPages));

/** Whether the text is, exactly, the address of a listed page. */
export function isExternalPage(text: string): boolean {
  // Compared as text before and after parsing: a parser that mends an address cannot turn it into a listed one.
  return addresses.has(text) && URL.parse(text)?.href === text;
}
