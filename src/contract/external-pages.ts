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

/** The publications that `detectors.list` names; a test compares the two. */
export const detectorPages: readonly string[] = [
  'https://arxiv.org/abs/2010.03759',
  'https://arxiv.org/abs/1610.02136',
  'https://arxiv.org/abs/1911.11132',
  'https://openaccess.thecvf.com/content/CVPR2023/html/Liu_GEN_Pushing_the_Limits_of_Softmax-Based_Out-of-Distribution_Detection_CVPR_2023_paper.html',
  'https://arxiv.org/abs/1706.02690',
  'https://arxiv.org/abs/2111.12797',
  'https://arxiv.org/abs/2111.09805',
  'https://arxiv.org/abs/2209.09858',
  'https://arxiv.org/abs/2310.00227',
  'https://openreview.net/forum?id=KkazG4lgKL',
  'https://arxiv.org/abs/2110.00218',
  'https://arxiv.org/abs/1807.03888',
  'https://arxiv.org/abs/2106.09022',
  'https://arxiv.org/abs/2204.06507',
  'https://arxiv.org/abs/2309.14888',
  'https://arxiv.org/abs/2203.10807',
];

const addresses: ReadonlySet<string> = new Set([...Object.values(externalPages), ...detectorPages]);

/** Whether the text is, exactly, the address of a listed page. */
export function isExternalPage(text: string): boolean {
  // Compared as text before and after parsing: a parser that mends an address cannot turn it into a listed one.
  return addresses.has(text) && URL.parse(text)?.href === text;
}
