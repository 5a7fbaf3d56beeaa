/**
 * {@link Kernels} by their definitions, in double precision and plain loops: what gradients are checked with by
 * finite differences. For tiny networks only.
 */
import { convOutputSize } from '../../src/core/tf/conv-geometry.ts';
import type { BatchNormResult, Kernels, Shape, Variable } from '../../src/core/tf/kernels.ts';

export interface ReferenceTensor {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export interface ReferenceVariable extends Variable {
  data: Float64Array;
}

type Four = [number, number, number, number];

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
const make = (shape: Shape): ReferenceTensor => ({ shape, data: new Float64Array(sizeOf(shape)) });
const map = (x: ReferenceTensor, f: (value: number, i: number) => number): ReferenceTensor => ({
  shape: x.shape,
  data: x.data.map(f),
});

/** Element by element; the smaller tensor is repeated along the leading dimensions. */
function zip(
  a: ReferenceTensor,
  b: ReferenceTensor,
  f: (a: number, b: number) => number,
): ReferenceTensor {
  const shape = a.data.length >= b.data.length ? a.shape : b.shape;
  const result = make(shape);
  for (let i = 0; i < result.data.length; i++)
    result.data[i] = f(a.data[i % a.data.length]!, b.data[i % b.data.length]!);
  return result;
}

/** Calls back for every product of a convolution: indices into x, filter and y. */
function eachProduct(
  xShape: Shape,
  filterShape: Shape,
  stride: number,
  visit: (x: number, filter: number, y: number) => void,
): void {
  const [n, h, w, inputs] = xShape as Four;
  const [kernel, , , outputs] = filterShape as Four;
  const pad = kernel >> 1;
  const rows = convOutputSize(h, kernel, stride);
  const columns = convOutputSize(w, kernel, stride);
  for (let image = 0; image < n; image++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        for (let i = 0; i < kernel; i++)
          for (let j = 0; j < kernel; j++) {
            const [y, x] = [r * stride - pad + i, c * stride - pad + j];
            if (y < 0 || y >= h || x < 0 || x >= w) continue;
            const at = ((image * h + y) * w + x) * inputs;
            const out = ((image * rows + r) * columns + c) * outputs;
            const f = (i * kernel + j) * inputs * outputs;
            for (let a = 0; a < inputs; a++)
              for (let b = 0; b < outputs; b++) visit(at + a, f + a * outputs + b, out + b);
          }
}

/** Calls back for every pixel of every window: index into x, index into y. */
function eachInWindow(
  xShape: Shape,
  kernel: number,
  stride: number,
  pad: number,
  visit: (x: number, y: number) => void,
): void {
  const [n, h, w, channels] = xShape as Four;
  const rows = Math.floor((h + 2 * pad - kernel) / stride) + 1;
  const columns = Math.floor((w + 2 * pad - kernel) / stride) + 1;
  for (let image = 0; image < n; image++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        for (let i = 0; i < kernel; i++)
          for (let j = 0; j < kernel; j++) {
            const [y, x] = [r * stride - pad + i, c * stride - pad + j];
            if (y < 0 || y >= h || x < 0 || x >= w) continue;
            for (let k = 0; k < channels; k++)
              visit(
                ((image * h + y) * w + x) * channels + k,
                ((image * rows + r) * columns + c) * channels + k,
              );
          }
}

const pooledShape = ([n, h, w, c]: Shape, kernel: number, stride: number): Shape => [
  n!,
  convOutputSize(h!, kernel, stride),
  convOutputSize(w!, kernel, stride),
  c!,
];

export class ReferenceKernels implements Kernels<ReferenceTensor> {
  constant(shape: Shape, data: Float32Array): ReferenceTensor {
    return { shape, data: Float64Array.from(data) };
  }

  normalisePixels(
    pixels: ReferenceTensor,
    scale: ReferenceTensor,
    offset: ReferenceTensor,
  ): ReferenceTensor {
    return map(pixels, (value, i) => value * scale.data[i % 3]! + offset.data[i % 3]!);
  }

  conv2d(x: ReferenceTensor, filter: ReferenceTensor, stride: number): ReferenceTensor {
    const [n, h, w] = x.shape as Four;
    const [kernel, , , outputs] = filter.shape as Four;
    const side = (size: number): number => convOutputSize(size, kernel, stride);
    const y = make([n, side(h), side(w), outputs]);
    eachProduct(x.shape, filter.shape, stride, (a, f, out) => {
      y.data[out]! += x.data[a]! * filter.data[f]!;
    });
    return y;
  }

  conv2dGradInput(
    dy: ReferenceTensor,
    filter: ReferenceTensor,
    inputShape: Shape,
    stride: number,
  ): ReferenceTensor {
    const dx = make(inputShape);
    eachProduct(inputShape, filter.shape, stride, (a, f, out) => {
      dx.data[a]! += dy.data[out]! * filter.data[f]!;
    });
    return dx;
  }

  conv2dGradFilter(
    dy: ReferenceTensor,
    x: ReferenceTensor,
    filterShape: Shape,
    stride: number,
  ): ReferenceTensor {
    const df = make(filterShape);
    eachProduct(x.shape, filterShape, stride, (a, f, out) => {
      df.data[f]! += dy.data[out]! * x.data[a]!;
    });
    return df;
  }

  batchNormTrain(
    x: ReferenceTensor,
    gamma: ReferenceTensor,
    beta: ReferenceTensor,
    epsilon: number,
  ): BatchNormResult<ReferenceTensor> {
    const channels = gamma.data.length;
    const rows = x.data.length / channels;
    const mean = make([channels]);
    const biased = make([channels]);
    x.data.forEach((value, i) => (mean.data[i % channels]! += value / rows));
    x.data.forEach((value, i) => {
      const c = i % channels;
      biased.data[c]! += (value - mean.data[c]!) ** 2 / rows;
    });
    return {
      y: this.batchNormInfer(x, gamma, beta, mean, biased, epsilon),
      mean,
      variance: map(biased, (value) => (value * rows) / (rows - 1)),
      saved: [mean, biased],
    };
  }

  batchNormGrad(
    dy: ReferenceTensor,
    x: ReferenceTensor,
    gamma: ReferenceTensor,
    saved: readonly ReferenceTensor[],
    epsilon: number,
  ) {
    const [mean, biased] = saved as [ReferenceTensor, ReferenceTensor];
    const channels = gamma.data.length;
    const rows = x.data.length / channels;
    const deviation = Array.from(biased.data, (value) => Math.sqrt(value + epsilon));
    const hat = map(x, (value, i) => {
      const c = i % channels;
      return (value - mean.data[c]!) / deviation[c]!;
    });
    const dgamma = make([channels]);
    const dbeta = make([channels]);
    dy.data.forEach((value, i) => {
      dgamma.data[i % channels]! += value * hat.data[i]!;
      dbeta.data[i % channels]! += value;
    });
    const dx = map(dy, (value, i) => {
      const c = i % channels;
      const centred = value - dbeta.data[c]! / rows - (hat.data[i]! * dgamma.data[c]!) / rows;
      return (centred * gamma.data[c]!) / deviation[c]!;
    });
    return { dx, dgamma, dbeta };
  }

  batchNormInfer(
    x: ReferenceTensor,
    gamma: ReferenceTensor,
    beta: ReferenceTensor,
    mean: ReferenceTensor,
    variance: ReferenceTensor,
    epsilon: number,
  ): ReferenceTensor {
    const channels = gamma.data.length;
    return map(x, (value, i) => {
      const c = i % channels;
      const hat = (value - mean.data[c]!) / Math.sqrt(variance.data[c]! + epsilon);
      return hat * gamma.data[c]! + beta.data[c]!;
    });
  }

  batchNormInferGrad(
    dy: ReferenceTensor,
    gamma: ReferenceTensor,
    variance: ReferenceTensor,
    epsilon: number,
  ): ReferenceTensor {
    const channels = gamma.data.length;
    return map(dy, (value, i) => {
      const c = i % channels;
      return (value * gamma.data[c]!) / Math.sqrt(variance.data[c]! + epsilon);
    });
  }

  relu(x: ReferenceTensor): ReferenceTensor {
    return map(x, (value) => Math.max(0, value));
  }

  reluGrad(dy: ReferenceTensor, y: ReferenceTensor): ReferenceTensor {
    return zip(dy, y, (d, value) => (value > 0 ? d : 0));
  }

  add(a: ReferenceTensor, b: ReferenceTensor): ReferenceTensor {
    return zip(a, b, (x, y) => x + y);
  }

  multiply(a: ReferenceTensor, b: ReferenceTensor): ReferenceTensor {
    return zip(a, b, (x, y) => x * y);
  }

  scale(x: ReferenceTensor, factor: number): ReferenceTensor {
    return map(x, (value) => value * factor);
  }

  sign(x: ReferenceTensor): ReferenceTensor {
    return map(x, Math.sign);
  }

  minimum(x: ReferenceTensor, limit: ReferenceTensor): ReferenceTensor {
    return zip(x, limit, Math.min);
  }

  maxPool(x: ReferenceTensor, kernel: number, stride: number): ReferenceTensor {
    const y = make(pooledShape(x.shape, kernel, stride));
    y.data.fill(-Infinity);
    eachInWindow(x.shape, kernel, stride, kernel >> 1, (a, b) => {
      y.data[b] = Math.max(y.data[b]!, x.data[a]!);
    });
    return y;
  }

  maxPoolGrad(
    dy: ReferenceTensor,
    x: ReferenceTensor,
    y: ReferenceTensor,
    kernel: number,
    stride: number,
  ): ReferenceTensor {
    const dx = make(x.shape);
    const taken = new Set<number>();
    eachInWindow(x.shape, kernel, stride, kernel >> 1, (a, b) => {
      if (x.data[a] !== y.data[b] || taken.has(b)) return;
      taken.add(b);
      dx.data[a]! += dy.data[b]!;
    });
    return dx;
  }

  averagePool2(x: ReferenceTensor): ReferenceTensor {
    const [n, h, w, c] = x.shape as Four;
    const y = make([n, h >> 1, w >> 1, c]);
    eachInWindow(x.shape, 2, 2, 0, (a, b) => (y.data[b]! += x.data[a]! / 4));
    return y;
  }

  averagePool2Grad(dy: ReferenceTensor, inputShape: Shape): ReferenceTensor {
    const dx = make(inputShape);
    eachInWindow(inputShape, 2, 2, 0, (a, b) => (dx.data[a]! += dy.data[b]! / 4));
    return dx;
  }

  everySecondPixel(x: ReferenceTensor): ReferenceTensor {
    const y = make(pooledShape(x.shape, 1, 2));
    eachInWindow(x.shape, 1, 2, 0, (a, b) => (y.data[b] = x.data[a]!));
    return y;
  }

  everySecondPixelGrad(dy: ReferenceTensor, inputShape: Shape): ReferenceTensor {
    const dx = make(inputShape);
    eachInWindow(inputShape, 1, 2, 0, (a, b) => (dx.data[a] = dy.data[b]!));
    return dx;
  }

  padChannels(x: ReferenceTensor, before: number, after: number): ReferenceTensor {
    const channels = x.shape.at(-1)!;
    const wide = before + channels + after;
    const y = make([...x.shape.slice(0, -1), wide]);
    x.data.forEach((value, i) => {
      y.data[Math.floor(i / channels) * wide + before + (i % channels)] = value;
    });
    return y;
  }

  sliceChannels(x: ReferenceTensor, from: number, count: number): ReferenceTensor {
    const channels = x.shape.at(-1)!;
    const y = make([...x.shape.slice(0, -1), count]);
    return map(y, (_, i) => x.data[Math.floor(i / count) * channels + from + (i % count)]!);
  }

  concatChannels(a: ReferenceTensor, b: ReferenceTensor): ReferenceTensor {
    const [first, second] = [a.shape.at(-1)!, b.shape.at(-1)!];
    return this.add(this.padChannels(a, 0, second), this.padChannels(b, first, 0));
  }

  meanOverSpace(x: ReferenceTensor): ReferenceTensor {
    const [n, h, w, c] = x.shape as Four;
    const y = make([n, c]);
    x.data.forEach((value, i) => {
      y.data[Math.floor(i / (h * w * c)) * c + (i % c)]! += value / (h * w);
    });
    return y;
  }

  meanOverSpaceGrad(dy: ReferenceTensor, inputShape: Shape): ReferenceTensor {
    const [, h, w, c] = inputShape as Four;
    return map(
      make(inputShape),
      (_, i) => dy.data[Math.floor(i / (h * w * c)) * c + (i % c)]! / (h * w),
    );
  }

  matMul(
    a: ReferenceTensor,
    b: ReferenceTensor,
    transposeA: boolean,
    transposeB: boolean,
  ): ReferenceTensor {
    const [rows, inner] = transposeA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
    const columns = transposeB ? b.shape[0]! : b.shape[1]!;
    const y = make([rows, columns]);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        for (let k = 0; k < inner; k++)
          y.data[r * columns + c]! +=
            a.data[transposeA ? k * rows + r : r * inner + k]! *
            b.data[transposeB ? c * inner + k : k * columns + c]!;
    return y;
  }

  addBias(x: ReferenceTensor, bias: ReferenceTensor): ReferenceTensor {
    return this.add(x, bias);
  }

  sumOverRows(x: ReferenceTensor): ReferenceTensor {
    const columns = x.shape[1]!;
    const y = make([columns]);
    x.data.forEach((value, i) => (y.data[i % columns]! += value));
    return y;
  }

  sumOfEachRow(x: ReferenceTensor): ReferenceTensor {
    const [rows, columns] = x.shape as [number, number];
    const y = make([rows]);
    x.data.forEach((value, i) => (y.data[Math.floor(i / columns)]! += value));
    return y;
  }

  scaleRows(x: ReferenceTensor, factors: ReferenceTensor): ReferenceTensor {
    const columns = x.shape[1]!;
    return map(x, (value, i) => value * factors.data[Math.floor(i / columns)]!);
  }

  sliceRows(x: ReferenceTensor, from: number, count: number): ReferenceTensor {
    const columns = x.shape[1]!;
    const data = x.data.slice(from * columns, (from + count) * columns);
    return { shape: [count, columns], data };
  }

  padRows(x: ReferenceTensor, before: number, after: number): ReferenceTensor {
    const [rows, columns] = x.shape as [number, number];
    const y = make([before + rows + after, columns]);
    y.data.set(x.data, before * columns);
    return y;
  }

  rsqrt(x: ReferenceTensor): ReferenceTensor {
    return map(x, (value) => 1 / Math.sqrt(value));
  }

  softmaxCrossEntropy(logits: ReferenceTensor, labels: ReferenceTensor) {
    const classes = logits.shape[1]!;
    const { value, gradient } = this.logSumExp(logits);
    const loss = make([logits.shape[0]!]);
    labels.data.forEach((label, i) => {
      const row = Math.floor(i / classes);
      loss.data[row]! += label * (value.data[row]! - logits.data[i]!);
    });
    return { loss, gradient: zip(gradient, labels, (p, y) => p - y) };
  }

  logSumExp(rows: ReferenceTensor) {
    const [n, classes] = rows.shape as [number, number];
    const value = make([n]);
    for (let r = 0; r < n; r++) {
      const row = rows.data.subarray(r * classes, (r + 1) * classes);
      const top = Math.max(...row);
      value.data[r] = top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0));
    }
    const gradient = map(rows, (x, i) => Math.exp(x - value.data[Math.floor(i / classes)]!));
    return { value, gradient };
  }

  oneHotOfLargest(rows: ReferenceTensor): ReferenceTensor {
    const [n, classes] = rows.shape as [number, number];
    const y = make(rows.shape);
    for (let r = 0; r < n; r++) {
      const row = rows.data.subarray(r * classes, (r + 1) * classes);
      y.data[r * classes + row.indexOf(Math.max(...row))] = 1;
    }
    return y;
  }

  mean(x: ReferenceTensor): ReferenceTensor {
    const total = x.data.reduce((a, b) => a + b, 0);
    return { shape: [], data: Float64Array.of(total / x.data.length) };
  }

  sumAbs(x: ReferenceTensor): ReferenceTensor {
    return { shape: [], data: Float64Array.of(x.data.reduce((a, b) => a + Math.abs(b), 0)) };
  }

  dropoutMask(shape: Shape): ReferenceTensor {
    return map(make(shape), () => 1);
  }

  read(variable: Variable): ReferenceTensor {
    return { shape: variable.shape, data: (variable as ReferenceVariable).data };
  }

  applySgd(): void {
    throw new Error('The reference computes gradients only');
  }

  moveTowards(): void {
    throw new Error('The reference computes gradients only');
  }

  share(x: ReferenceTensor): ReferenceTensor {
    return x;
  }

  free(): void {
    // Garbage collected.
  }
}
