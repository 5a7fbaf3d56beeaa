/**
 * The small set of operations that every network, gradient and optimizer here is made of.
 * One interface, three executors: a traced TensorFlow function, TensorFlow op by op, and any tfjs
 * backend (wasm, cpu). Layout is NHWC; filters are `[height, width, in, out]` (HWIO).
 *
 * Convolutions pad symmetrically by floor(kernel / 2), as PyTorch's `padding=1` for 3x3 does. With stride 2
 * this differs from TensorFlow's `SAME`, which pads only at the far edge.
 */

/** Dimensions, outermost first. All sizes are known when a program is built. */
export type Shape = readonly number[];

/** A value inside an executor. Networks only ever see its shape. */
export interface Tensor {
  readonly shape: Shape;
}

/** A model's number array that outlives a step: a weight, a bias or a batch-norm statistic. */
export interface Variable {
  readonly name: string;
  readonly shape: Shape;
}

/** What batch norm returns in training; `saved` goes back into {@link Kernels.batchNormGrad}. */
export interface BatchNormResult<T> {
  readonly y: T;
  /** Batch mean, `[channels]`. */
  readonly mean: T;
  /** Batch variance with Bessel's correction, `[channels]`: what running statistics take in. */
  readonly variance: T;
  readonly saved: readonly T[];
}

/** SGD as in PyTorch: d = g + weightDecay·w; v = momentum·v + d; w -= lr·(nesterov ? d + momentum·v : v). */
export interface SgdSettings {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

export interface Kernels<T extends Tensor> {
  /** A float32 constant. */
  constant(shape: Shape, data: Float32Array): T;
  /** uint8 `[n, h, w, 3]` to float32 `x * scale + offset`, both `[3]`. */
  normalisePixels(pixels: T, scale: T, offset: T): T;

  conv2d(x: T, filter: T, stride: number): T;
  conv2dGradInput(dy: T, filter: T, inputShape: Shape, stride: number): T;
  conv2dGradFilter(dy: T, x: T, filterShape: Shape, stride: number): T;

  /** Normalises over batch and space with the batch's own (biased) variance. */
  batchNormTrain(x: T, gamma: T, beta: T, epsilon: number): BatchNormResult<T>;
  batchNormGrad(
    dy: T,
    x: T,
    gamma: T,
    saved: readonly T[],
    epsilon: number,
  ): { readonly dx: T; readonly dgamma: T; readonly dbeta: T };
  batchNormInfer(x: T, gamma: T, beta: T, mean: T, variance: T, epsilon: number): T;

  /** Gradient to the input where mean and variance are constants: dy · γ / √(variance + ε). */
  batchNormInferGrad(dy: T, gamma: T, variance: T, epsilon: number): T;

  relu(x: T): T;
  /** `y` is the output of relu. */
  reluGrad(dy: T, y: T): T;
  add(a: T, b: T): T;
  /** Same shapes, or one of them a scalar. */
  multiply(a: T, b: T): T;
  scale(x: T, factor: number): T;
  sign(x: T): T;
  /** The smaller of each value and a scalar. */
  minimum(x: T, limit: T): T;

  /** Largest value of each window, padded by floor(kernel / 2) with what never wins. */
  maxPool(x: T, kernel: number, stride: number): T;
  /** The first of equal values in a window takes its gradient. */
  maxPoolGrad(dy: T, x: T, y: T, kernel: number, stride: number): T;
  /** Mean of each 2 x 2 window; an odd last row or column is left out. */
  averagePool2(x: T): T;
  averagePool2Grad(dy: T, inputShape: Shape): T;
  /** Every second row and column, from the first on. */
  everySecondPixel(x: T): T;
  everySecondPixelGrad(dy: T, inputShape: Shape): T;
  /** Zeros around the channels. */
  padChannels(x: T, before: number, after: number): T;
  sliceChannels(x: T, from: number, count: number): T;
  concatChannels(a: T, b: T): T;

  /** `[n, h, w, c]` -> `[n, c]`. */
  meanOverSpace(x: T): T;
  meanOverSpaceGrad(dy: T, inputShape: Shape): T;
  matMul(a: T, b: T, transposeA: boolean, transposeB: boolean): T;
  /** `[n, c] + [c]`. */
  addBias(x: T, bias: T): T;
  /** `[n, c]` -> `[c]`. */
  sumOverRows(x: T): T;
  /** `[n, c]` -> `[n]`. */
  sumOfEachRow(x: T): T;
  /** Row i of `[n, c]` times factor i of `[n]`. */
  scaleRows(x: T, factors: T): T;
  /** `count` rows of `[n, c]` from row `from` on. */
  sliceRows(x: T, from: number, count: number): T;
  /** Rows of zeros before and after those of `[n, c]`. */
  padRows(x: T, before: number, after: number): T;
  /** 1 / √x of values above 0. */
  rsqrt(x: T): T;

  /** One-hot or soft labels `[n, c]`; loss `[n]`, gradient of each row's loss to its logits `[n, c]`. */
  softmaxCrossEntropy(logits: T, labels: T): { readonly loss: T; readonly gradient: T };
  /** `log Σ_k exp(x_k)` of each row `[n]`, and its gradient to the rows, which is their softmax `[n, c]`. */
  logSumExp(rows: T): { readonly value: T; readonly gradient: T };
  /** 1 where a row of `[n, c]` is largest (the first of equals), else 0. */
  oneHotOfLargest(rows: T): T;
  /** Mean over all elements: a scalar. */
  mean(x: T): T;
  /** Sum of all absolute values: a scalar. */
  sumAbs(x: T): T;
  /**
   * 0 with probability `rate`, else 1 / (1 - rate).
   * @param seed int32 `[2]`; the same seed and layer give the same mask on the same executor
   */
  dropoutMask(shape: Shape, rate: number, seed: T, layer: number): T;

  read(variable: Variable): T;
  /** @param learningRate a scalar */
  applySgd(variable: Variable, value: T, gradient: T, learningRate: T, settings: SgdSettings): void;
  /** variable += (target - variable) * rate */
  moveTowards(variable: Variable, target: T, rate: number): void;

  /** A second reference to the same value, freed on its own. */
  share(x: T): T;
  /** Gives memory back; a no-op while tracing. */
  free(...tensors: readonly T[]): void;
}
