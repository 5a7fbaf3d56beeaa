/**
 * How a window's requests reach its host: the messages behind `HostApi`. In Electron they travel over IPC, one channel
 * each; in a browser over a WebSocket of the local web server.
 */
import { z } from 'zod';
import { grant } from './common.ts';
import { engineState, grants, hostInfo, pickPurpose } from './host.ts';
import { call, done, job, nothing } from './method.ts';
import { settings, settingsPatch } from './settings.ts';

const path = z.string().min(1).max(8192);

export const hostApiMethods = {
  'host.info': call(nothing, hostInfo),
  'host.pick': call(z.strictObject({ purpose: pickPurpose }), grants),
  /** Paths of what was dropped, as the preload script found them; a browser has none to give. */
  'host.grantDropped': call(z.strictObject({ paths: z.array(path).max(1000) }), grants),
  'host.grantPath': call(z.strictObject({ path }), grant),
  'host.updateSettings': call(settingsPatch, settings),
  'host.changeWorkspace': call(z.strictObject({ path: path.optional() }), z.boolean()),
  'host.restartEngine': call(nothing, done),
  'host.saveFile': call(
    z.strictObject({
      suggestedName: z.string().min(1).max(200),
      bytes: z.instanceof(Uint8Array),
    }),
    z.boolean(),
  ),
  'host.openExternal': call(z.strictObject({ url: z.string().max(2048) }), done),
  'host.revealWorkspace': call(nothing, done),
};
export type HostApiMethods = typeof hostApiMethods;

/** What a host tells unasked; each begins with how things are now and goes on until it is cancelled. */
export const hostApiEvents = {
  'host.watchEngine': job(nothing, engineState, done),
  'host.watchSettings': job(nothing, settings, done),
};

/** Everything, for a connection that carries both. */
export const hostApiContract = { ...hostApiMethods, ...hostApiEvents };
export type HostApiContract = typeof hostApiContract;
