/** An engine without its host would hold the GPU and the workspace for nobody. */
const LOOK_EVERY_MS = 1000;

/**
 * Calls back once when the process that started this one is gone: the system then gives it another parent.
 * @returns stops watching
 */
export function watchParent(onGone: () => void, parentOf: () => number = () => process.ppid) {
  const parent = parentOf();
  const timer = setInterval(() => {
    if (parentOf() === parent) return;
    clearInterval(timer);
    onGone();
  }, LOOK_EVERY_MS);
  timer.unref();
  return (): void => clearInterval(timer);
}
