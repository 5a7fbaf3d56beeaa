/**
 * In what numbers convolutions compute. `bf16` is mixed precision: convolutions, batch norm's input and output, ReLU
 * and additions in bfloat16; weights, momentum, batch-norm statistics, features, logits and losses in float32.
 */
export type Precision = 'fp32' | 'bf16';
