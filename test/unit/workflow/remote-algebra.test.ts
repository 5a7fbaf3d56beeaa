import { expect, it } from 'vitest';
import { plainAlgebra } from '../../../src/core/linalg/plain-algebra.ts';
import type { AlgebraMessage } from '../../../src/core/workflow/compute/messages.ts';
import { AlgebraServer, RemoteAlgebra } from '../../../src/core/workflow/compute/remote-algebra.ts';

it('sends parts of large arrays without the rest, and gets their products back', async () => {
  const sent: AlgebraMessage[] = [];
  const server = new AlgebraServer(plainAlgebra, (message) => {
    if (message.type !== 'task') remote.answer(message);
  });
  const remote = new RemoteAlgebra((message) => {
    sent.push(message);
    server.serve(structuredClone(message));
  });
  // [1 2] · [3 4; 5 6]ᵀ = [11 17], out of the middle of larger arrays.
  const bank = Float32Array.of(9, 9, 3, 4, 5, 6, 9, 9);
  const queries = Float32Array.of(9, 9, 1, 2, 9, 9);
  const operand = remote.prepare(bank.subarray(2, 6), { inner: 2, columns: 2 }, true);
  expect(Array.from(await operand.multiply(queries.subarray(2, 4), 1))).toEqual([11, 17]);
  expect(Array.from(await remote.gram(queries.subarray(2, 4), 1, 2))).toEqual([1, 2, 2, 4]);
  const bytes = sent.flatMap((message) => [
    ...('a' in message ? [message.a.buffer.byteLength] : []),
    ...('b' in message ? [message.b.buffer.byteLength] : []),
  ]);
  expect(bytes).toEqual([16, 8, 8]);
});
