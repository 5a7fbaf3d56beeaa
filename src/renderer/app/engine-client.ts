/** Calls to the engine that outlive any one engine process: the next call after a restart opens a new channel. */
import { windowContract, type WindowContract } from '../../contract/methods.ts';
import { createClient, type Client } from '../../rpc/client.ts';
import type { Transport } from '../../rpc/transport.ts';
import { plain } from './plain.ts';

/** What is pending when the engine ends is rejected with `engine-gone`, and so is what is asked while there is none. */
export function engineClient(
  openEngine: () => Promise<Transport>,
): Pick<Client<WindowContract>, 'call' | 'job'> {
  let current: Promise<Client<WindowContract>> | null = null;

  const connect = (): Promise<Client<WindowContract>> => {
    const connecting: Promise<Client<WindowContract>> = openEngine().then((transport) => {
      const client = createClient(windowContract, transport);
      client.onClose(forget);
      return client;
    });
    const forget = (): void => {
      if (current === connecting) current = null;
    };
    connecting.catch(forget);
    current = connecting;
    return connecting;
  };
  const client = (): Promise<Client<WindowContract>> => current ?? connect();

  return {
    call: async (method, params, options) => (await client()).call(method, plain(params), options),
    job: async (method, params, options) => (await client()).job(method, plain(params), options),
  };
}
