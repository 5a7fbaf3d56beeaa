/**
 * Matrix products for a computing thread by its owner: TensorFlow belongs to one thread and computes off the event
 * loop, so that detectors can run in a worker and still multiply with it.
 */
import { AppError, messageOf } from '../../errors.ts';
import type { Algebra, Operand, OperandShape } from '../../linalg/algebra.ts';
import type { AlgebraMessage, OwnerMessage, Values } from './messages.ts';

/** The array in a buffer of its own: a message takes the whole buffer of a view with it, which may be a hundred times it. */
const alone = <A extends Values>(array: A): A =>
  array.byteLength === array.buffer.byteLength ? array : (array.slice() as A);

/** The thread's end. */
export class RemoteAlgebra implements Algebra {
  private readonly send: (message: AlgebraMessage) => void;
  private readonly calls = new Map<number, PromiseWithResolvers<Values>>();
  private readonly operands = new Map<Values, Operand<Values>>();
  private serial = 0;

  constructor(send: (message: AlgebraMessage) => void) {
    this.send = send;
  }

  prepare(b: Float32Array, shape: OperandShape, transposed?: boolean): Operand;
  prepare(b: Float64Array, shape: OperandShape, transposed?: boolean): Operand<Float64Array>;
  prepare(b: Values, shape: OperandShape, transposed = false): Operand<Values> {
    const known = this.operands.get(b);
    if (known) return known;
    const operand = this.serial++;
    this.send({ type: 'prepare', operand, b: alone(b), shape, transposed });
    const made: Operand<Values> = {
      multiply: (a, rows) =>
        this.ask((call) => this.send({ type: 'multiply', call, operand, a: alone(a), rows })),
    };
    this.operands.set(b, made);
    return made;
  }

  gram(a: Float32Array, rows: number, columns: number): Promise<Float64Array> {
    const product = this.ask((call) =>
      this.send({ type: 'gram', call, a: alone(a), rows, columns }),
    );
    return product as Promise<Float64Array>;
  }

  dispose(): void {
    this.operands.clear();
    this.send({ type: 'dispose' });
  }

  /** What the owner answered. */
  answer(message: Exclude<OwnerMessage, { readonly type: 'task' }>): void {
    const waiting = this.calls.get(message.call);
    this.calls.delete(message.call);
    if (message.type === 'product') waiting?.resolve(message.data);
    else waiting?.reject(new AppError('internal', message.message));
  }

  private ask(send: (call: number) => void): Promise<Values> {
    const call = this.serial++;
    const waiting = Promise.withResolvers<Values>();
    this.calls.set(call, waiting);
    send(call);
    return waiting.promise;
  }
}

/** The owner's end: does what the thread asks for. */
export class AlgebraServer {
  private readonly algebra: Algebra;
  private readonly reply: (message: OwnerMessage) => void;
  private readonly operands = new Map<number, Pick<Operand<Values>, 'multiply'>>();
  private closed = false;

  /** @param algebra disposed at the end */
  constructor(algebra: Algebra, reply: (message: OwnerMessage) => void) {
    this.algebra = algebra;
    this.reply = reply;
  }

  serve(message: AlgebraMessage): void {
    switch (message.type) {
      case 'prepare': {
        this.prepare(message);
        return;
      }
      case 'multiply': {
        const { call, operand, a, rows } = message;
        this.send(call, () => this.operands.get(operand)!.multiply(a, rows));
        return;
      }
      case 'gram': {
        const { call, a, rows, columns } = message;
        this.send(call, () => this.algebra.gram(a, rows, columns));
        return;
      }
      case 'dispose': {
        this.close();
        return;
      }
    }
  }

  /** Frees what the thread left behind; products that are under way are not sent any more. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.operands.clear();
    this.algebra.dispose();
  }

  private prepare({ operand, b, shape, transposed }: AlgebraMessage & { type: 'prepare' }): void {
    try {
      const made =
        b instanceof Float32Array
          ? this.algebra.prepare(b, shape, transposed)
          : this.algebra.prepare(b, shape, transposed);
      this.operands.set(operand, made);
    } catch (error) {
      // Told when it is used: nobody waits for an answer now.
      const failure = error instanceof Error ? error : new AppError('internal', messageOf(error));
      this.operands.set(operand, { multiply: () => Promise.reject(failure) });
    }
  }

  private send(call: number, work: () => Promise<Values>): void {
    const reply = (message: OwnerMessage): void => {
      if (!this.closed) this.reply(message);
    };
    Promise.resolve()
      .then(work)
      .then(
        (data) => reply({ type: 'product', call, data }),
        (error: unknown) => reply({ type: 'product-failed', call, message: messageOf(error) }),
      );
  }
}
