export const openPreview = (): Promise<void> => Promise.resolve();
