export default {
  actions: 'Chart actions',
  copyPng: 'Copy as PNG',
  savePng: 'Save as PNG',
  saveSvg: 'Save as SVG',
  saveCsv: 'Save as CSV',
  showTable: 'Show as table',
  showChart: 'Show as chart',
  copied: 'Copied as PNG',
  copyRefused: 'The system did not take the picture. Save it as PNG instead.',
  saved: 'Saved {name}',
  empty: 'No data yet',
} as const;
