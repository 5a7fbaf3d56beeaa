/** Charts as vectors, with a number, a caption and an alternative text. */
import SVGtoPDF from 'svg-to-pdfkit';
import type { Chart } from '../charts/svg.ts';
import type { Flow } from './flow.ts';
import { chartFont, type FontName } from './fonts.ts';
import { caption } from './table.ts';

export interface FigureOptions {
  readonly caption: string;
  /** What can be seen, for those who cannot see it. */
  readonly alt: string;
  readonly key?: string;
}

/** Height that a figure takes with its caption, in points. */
export const figureHeight = ({ height }: Chart): number => height + 34;

/** @param chart no higher than a page */
export function figure(flow: Flow, chart: Chart, options: FigureOptions): void {
  flow.ensure(figureHeight(chart));
  flow.gap(6);
  const { number } = flow.references.number(
    'Figure',
    options.caption,
    flow.y,
    flow.page,
    options.key,
  );
  picture(flow, chart, flow.left, flow.y, options.alt);
  flow.y += chart.height + 6;
  caption(flow, `Figure ${number}`, options.caption);
  flow.gap(6);
}

/** A chart without number and caption, at a place of its own. */
export function picture(flow: Flow, chart: Chart, x: number, y: number, alt: string): void {
  const { width, height } = chart;
  flow.tags.leaf('Figure', () => drawChart(flow, chart, x, y), {
    alt: flow.fonts.visible(alt),
    bbox: [x, y, x + width, y + height],
  });
}

/** Draws only; the caller tags it. */
export function drawChart(flow: Flow, { svg, width, height }: Chart, x: number, y: number): void {
  SVGtoPDF(flow.doc, inRuns(flow, svg), x, y, {
    width,
    height,
    assumePt: true,
    fontCallback: (family, bold) => (family.startsWith('Inter') ? chartFont(bold) : family),
  });
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
};
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Texts that one font cannot show are set in parts, each in a font that can. */
function inRuns(flow: Flow, svg: string): string {
  return svg.replace(
    /(<text[^>]*?)>([^<]*[^\u0020-\u007e<][^<]*)<\/text>/g,
    (whole, opening: string, content: string) => {
      const name: FontName = opening.includes('font-weight="600"') ? 'semibold' : 'regular';
      const text = content.replace(/&(amp|lt|gt|quot);/g, (entity) => entities[entity]!);
      const runs = flow.fonts.runs(text, name);
      if (runs.length === 1 && runs[0]!.font === chartFont(name === 'semibold')) return whole;
      const parts = runs.map(
        (run) =>
          `<tspan font-family="${run.font}">${run.text.replace(/[&<>]/g, (c) => escapes[c]!)}</tspan>`,
      );
      return `${opening} xml:space="preserve">${parts.join('')}</text>`;
    },
  );
}
