import type { Estimate, ImageRef } from '../../../contract/common.ts';
import type { Detector, DetectorResult, Distribution, ImageCell, ImageExplanation, ImageFilter, ImageSort, PairedList, SavedView, Scope, ScoreOverview, SetMetrics, SideBySide, Threshold } from '../../../contract/scores.ts'; // prettier-ignore
import type { Curation } from './curation-methods.ts';
import { pathOf } from './dataset-methods.ts';
import { DETECTORS } from './detectors.ts';
import { pretend, type JobList } from './live.ts';
import { normal, seedOf, uniform } from './random.ts';
import type { Part } from './types.ts';
import { CLASSES, TIME, type World } from './world.ts';

const around = (value: number, half: number): Estimate => ({
  value,
  low: value - half,
  high: value + half,
});

/** Share of `sorted` at or above the value. */
function shareKept(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return sorted.length === 0 ? 0 : 1 - low / sorted.length;
}

export function scoreMethods(
  world: World,
  jobs: JobList,
  curation: Curation,
  stepMs: number,
): Part<'detectors'> &
  Part<'scores'> &
  Part<'thresholds'> &
  Part<'images'> &
  Part<'embedding'> &
  Part<'compare'> &
  Part<'views'> {
  // prettier-ignore
  const thresholds: Threshold[] = [];
  const views: SavedView[] = [];
  const computed = new Set<string>();
  const extras = new Set<string>();

  function distribution(
    modelId: string,
    datasetId: string,
    split: 'train' | 'val' | 'test' | null,
  ): Distribution {
    // prettier-ignore
    const { name, role, nearFar } = world.datasets.get(datasetId)!;
    const all = world.scores(modelId, datasetId);
    const kept =
      split === null ? all : all.filter((_, at) => world.splitOf(datasetId, at) === split);
    const sorted = kept.toSorted();
    const mean = sorted.reduce((sum, value) => sum + value, 0) / (sorted.length || 1);
    const std = Math.sqrt(sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (sorted.length || 1)); // prettier-ignore
    let right = 0;
    const correctFrom = role === 'id' ? new Uint32Array(sorted.length) : null;
    if (correctFrom)
      for (let at = sorted.length - 1; at >= 0; at--) {
        if (uniform(5, at) < 0.8 + 0.19 * (at / sorted.length)) right++;
        correctFrom[at] = right;
      }
    return { datasetId, name, role, nearFar, sorted, correctFrom, mean, std };
  }

  function overview(scope: Scope): ScoreOverview {
    const id = distribution(scope.modelId, scope.idDatasetId, scope.split);
    const validation = distribution(scope.modelId, scope.idDatasetId, 'val');
    const sets = scope.oodDatasetIds.map((setId) => distribution(scope.modelId, setId, null));
    const tpr95 = id.sorted[Math.floor(id.sorted.length * 0.05)] ?? 0;
    const metrics: SetMetrics[] = sets.map((set) => {
      // Of two normal distributions: AUROC = Φ(difference of means / root of the sum of variances).
      const d = (id.mean - set.mean) / Math.hypot(id.std, set.std);
      const auroc = 1 / (1 + Math.exp(-1.702 * d));
      const fpr95 = shareKept(set.sorted, tpr95);
      return {
        datasetId: set.datasetId,
        name: set.name,
        nearFar: set.nearFar,
        n: set.sorted.length,
        fpr95: around(fpr95, 0.02),
        fpr95OodPositive: fpr95 * 1.1,
        auroc: around(auroc, 0.008),
        auprIn: Math.min(1, auroc + 0.02),
        auprOut: Math.max(0, auroc - 0.06),
        detectionError: (0.05 + fpr95) / 2,
      };
    });
    const mean = (pick: (set: SetMetrics) => number): number =>
      metrics.reduce((sum, set) => sum + pick(set), 0) / metrics.length;
    return {
      scope,
      distributions: [id, ...sets],
      validation,
      metrics,
      average:
        metrics.length === 0
          ? null
          : {
              fpr95: mean((set) => set.fpr95.value),
              auroc: mean((set) => set.auroc.value),
              auprIn: mean((set) => set.auprIn),
              auprOut: mean((set) => set.auprOut),
            },
      idAccuracy: around(0.912, 0.009),
      ece: 0.031,
      featureL1: 12.4,
      hoyer: 0.61,
      nearZeroUnits: 0.42,
      thresholds: thresholds.filter((one) => one.modelId === scope.modelId && one.detector === scope.detector).toReversed(), // prettier-ignore
      defaultThreshold: validation.sorted[Math.floor(validation.sorted.length * 0.05)] ?? 0,
    };
  }

  /** Every detector is the energy with its own noise: enough to see what a screen does with them. */
  function sideBySide(scope: Scope, detectors: readonly Detector[]): SideBySide {
    const plain = overview(scope);
    const rows = detectors.map(({ id, label, needs, backward }, at): DetectorResult => {
      const missing = backward ? ('perturbed' as const) : needs.includes('stages') ? ('stages' as const) : null; // prettier-ignore
      const none = missing !== null && !extras.has(missing);
      const better = (value: number): number => Math.min(1, Math.max(0, value + 0.06 * (uniform(31, at) - 0.6))); // prettier-ignore
      const metrics = plain.metrics.map((set) => ({
        datasetId: set.datasetId,
        fpr95: 1 - better(1 - set.fpr95.value),
        fpr95OodPositive: 1 - better(1 - Math.min(1, set.fpr95OodPositive)),
        auroc: better(set.auroc.value),
        auprIn: better(set.auprIn),
        auprOut: better(set.auprOut),
      }));
      const mean = (pick: (set: (typeof metrics)[number]) => number): number =>
        metrics.reduce((sum, set) => sum + pick(set), 0) / metrics.length;
      const [first, ...others] = plain.distributions;
      const low = Math.min(...plain.distributions.map(({ sorted }) => sorted[0] ?? 0));
      const high = Math.max(...plain.distributions.map(({ sorted }) => sorted.at(-1) ?? 1));
      const shares = ({ sorted }: Distribution): Float64Array<ArrayBuffer> => {
        const bins = new Float64Array(48);
        for (const value of sorted)
          bins[Math.min(47, Math.floor(((value - low) / (high - low || 1)) * 48 * better(1)))]! += 1 / sorted.length; // prettier-ignore
        return bins;
      };
      return {
        id,
        label,
        unavailable: none ? `${label} needs what has not been computed for these images. Compute it in Scores, or with \`straylight score <model> <dataset> --detector ${id}\`.` : null, // prettier-ignore
        missing: none ? missing : null,
        notes: id === 'mahalanobis' ? ['The covariance is singular; a small multiple of the identity was added.'] : [], // prettier-ignore
        threshold: none ? null : plain.defaultThreshold,
        metrics: none ? [] : metrics,
        average: none || metrics.length === 0 ? null : { fpr95: mean((set) => set.fpr95), fpr95OodPositive: mean((set) => set.fpr95OodPositive), auroc: mean((set) => set.auroc), auprIn: mean((set) => set.auprIn), auprOut: mean((set) => set.auprOut) }, // prettier-ignore
        histogram: none || !first ? null : { from: low, to: high, id: shares(first), ood: others.map(shares) }, // prettier-ignore
      };
    });
    return {
      modelId: scope.modelId,
      idDatasetId: scope.idDatasetId,
      split: scope.split,
      sets: plain.metrics.map(({ datasetId, name, nearFar, n }) => ({ datasetId, name, nearFar, n })), // prettier-ignore
      idImages: plain.distributions[0]?.sorted.length ?? 0,
      rows,
    };
  }

  function cell(modelId: string | null, ref: ImageRef): ImageCell {
    const { datasetId, ordinal } = ref;
    const state = curation.stateOf(ref);
    const { role } = world.datasets.get(datasetId)!;
    return {
      ref,
      path: pathOf(world, datasetId, ordinal),
      role,
      className: world.classOf(datasetId, ordinal),
      relabelled: state.relabelled,
      predicted: modelId === null ? null : world.predictedOf(modelId, datasetId, ordinal),
      confidence: modelId === null ? null : 0.5 + uniform(21, ordinal) / 2,
      score: modelId === null ? null : (world.scores(modelId, datasetId)[ordinal] ?? null),
      split: world.splitOf(datasetId, ordinal),
      flags: uniform(11, ordinal) < 0.01 ? ['dark'] : [],
      tags: [...state.tags],
      excluded: state.excluded,
      note: state.note,
    };
  }

  function query(scope: Scope | null, filter: ImageFilter, sort: ImageSort) {
    const datasetIds = filter.datasetIds ?? (scope ? [scope.idDatasetId, ...scope.oodDatasetIds] : [...world.datasets.keys()]); // prettier-ignore
    const only = filter.only?.map(
      ({ datasetId, ordinals }) => [datasetId, new Set(ordinals)] as const,
    );
    const found: { set: number; ordinal: number; score: number }[] = [];
    const touched = filter.tags !== undefined || filter.excluded !== undefined || filter.curated !== undefined; // prettier-ignore
    for (const [set, datasetId] of datasetIds.entries()) {
      const { ok } = world.datasets.get(datasetId)!;
      const scores = scope ? world.scores(scope.modelId, datasetId) : null;
      const among = only?.find(([id]) => id === datasetId)?.[1];
      if (only && !among) continue;
      for (let ordinal = 0; ordinal < ok; ordinal++) {
        if (among && !among.has(ordinal)) continue;
        const score = scores ? scores[ordinal]! : Number.NaN;
        if (filter.scoreMin !== undefined && !(score >= filter.scoreMin)) continue;
        if (filter.scoreMax !== undefined && !(score <= filter.scoreMax)) continue;
        const split = world.splitOf(datasetId, ordinal);
        if (filter.splits && split !== null && !filter.splits.includes(split)) continue;
        const className = world.classOf(datasetId, ordinal);
        if (filter.classNames && (className === null || !filter.classNames.includes(className))) continue; // prettier-ignore
        if (scope && (filter.predicted || filter.correct !== undefined)) {
          const predicted = world.predictedOf(scope.modelId, datasetId, ordinal);
          if (filter.predicted && !filter.predicted.includes(predicted)) continue;
          if (filter.correct !== undefined && (predicted === className) !== filter.correct)
            continue;
        }
        if (filter.flags && !(uniform(11, ordinal) < 0.01 && filter.flags.includes('dark')))
          continue;
        if (filter.text && !pathOf(world, datasetId, ordinal).toLowerCase().includes(filter.text.toLowerCase())) continue; // prettier-ignore
        if (touched) {
          const state = curation.stateOf({ datasetId, ordinal });
          if (filter.excluded !== undefined && state.excluded !== filter.excluded) continue;
          if (filter.tags && !filter.tags.some((tag) => state.tags.includes(tag))) continue;
          if (filter.curated && !state.excluded && state.tags.length === 0 && state.relabelled === null && state.note === '') continue; // prettier-ignore
        }
        found.push({ set, ordinal, score });
      }
    }
    const sign = sort.direction === 'ascending' ? 1 : -1;
    if (sort.by === 'path' || sort.by === 'class')
      found.sort((one, other) => sign * (one.set - other.set || one.ordinal - other.ordinal));
    else if (scope) found.sort((one, other) => sign * (one.score - other.score));
    return {
      total: found.length,
      datasetIds,
      datasets: Uint16Array.from(found, ({ set }) => set),
      ordinals: Uint32Array.from(found, ({ ordinal }) => ordinal),
      scores: Float64Array.from(found, ({ score }) => score),
    };
  }

  function scatter(scope: Scope, method: 'pca' | 'umap') {
    const datasetIds = [scope.idDatasetId, ...scope.oodDatasetIds];
    const places: number[] = [];
    const datasets: number[] = [];
    const ordinals: number[] = [];
    for (const [set, datasetId] of datasetIds.entries()) {
      const count = Math.min(2000, world.datasets.get(datasetId)!.ok);
      for (let ordinal = 0; ordinal < count; ordinal++) {
        const cluster = set === 0 ? ordinal % CLASSES.length : 10 + set;
        const spread = set === 0 ? 0.5 : 0.9;
        places.push(
          4 * Math.cos(cluster * 1.7) + spread * normal(31 + set, ordinal),
          4 * Math.sin(cluster * 1.7) + spread * normal(57 + set, ordinal),
        );
        datasets.push(set);
        ordinals.push(ordinal);
      }
    }
    return {
      method,
      datasetIds,
      datasets: Uint16Array.from(datasets),
      ordinals: Uint32Array.from(ordinals),
      points: Float32Array.from(places),
      explained: method === 'pca' ? [0.31, 0.17] : null,
      sampledFrom: datasetIds.reduce(
        (sum, datasetId) => sum + world.datasets.get(datasetId)!.ok,
        0,
      ),
    };
  }

  function curves(given: ScoreOverview) {
    const id = given.distributions[0]!;
    const shares = Float64Array.from({ length: 101 }, (_, at) => at / 100);
    return given.distributions.slice(1).map((set) => {
      const cuts = shares.map((share) => set.sorted[Math.min(set.sorted.length - 1, Math.floor((1 - share) * set.sorted.length))] ?? 0); // prettier-ignore
      return {
        datasetId: set.datasetId,
        x: shares,
        y: cuts.map((cut) => shareKept(id.sorted, cut)),
      };
    });
  }

  return {
    'detectors.list': () => [...DETECTORS],
    'scores.sideBySide': async ({ detectors, ...images }, context) => {
      const wanted = DETECTORS.filter(({ id }) => detectors?.includes(id) ?? true);
      const title = wanted.length === 1 ? wanted[0]!.label : `${wanted.length} detectors`;
      if (!computed.has(JSON.stringify([images, detectors])))
        await pretend(jobs, { kind: 'score', title, images: 2000, stepMs: stepMs / 20 }, context);
      computed.add(JSON.stringify([images, detectors]));
      return sideBySide({ ...images, detector: 'energy' }, wanted);
    },
    'images.detectors': ({ scope, ref }) => {
      const own = cell(scope.modelId, ref).score;
      if (own === null) return [];
      return DETECTORS.map(({ id, label, backward, needs }, at) => {
        const unavailable = backward || needs.includes('stages') ? `${label} has not been computed for these images yet. Choose it in Scores, or open All detectors there.` : null; // prettier-ignore
        const percentile = uniform(11 + at, ref.ordinal);
        return unavailable === null
          ? { id, label, value: own * (1 + at / 3), percentile, rank: Math.floor((1 - percentile) * 500), of: 500, unavailable } // prettier-ignore
          : { id, label, value: null, percentile: null, rank: null, of: null, unavailable };
      });
    },
    'scores.compute': async ({ modelIds, datasetIds, extras: wanted }, context) => {
      for (const extra of wanted) extras.add(extra);
      const images = datasetIds.reduce((sum, datasetId) => sum + world.datasets.get(datasetId)!.ok, 0); // prettier-ignore
      await pretend(jobs, { kind: 'score', title: `Score ${datasetIds.length} datasets`, images, stepMs }, context); // prettier-ignore
      for (const modelId of modelIds) {
        const model = world.models.get(modelId)!;
        world.models.set(modelId, { ...model, scoredDatasetIds: [...new Set([...model.scoredDatasetIds, ...datasetIds])] }); // prettier-ignore
      }
      return { scored: images, failed: 0, excluded: 0, discovered: images };
    },
    'scores.barred': ({ modelIds }) =>
      modelIds.flatMap((modelId) =>
        (world.models.get(modelId)?.barred ?? []).map(({ datasetId, name, images }) => ({
          modelId,
          datasetId,
          reason: 'trained-on' as const,
          outlierName: name,
          shared: images,
          images,
        })),
      ),
    'scores.distributions': (scope) => {
      const { distributions, validation, thresholds: stored, defaultThreshold } = overview(scope);
      return { scope, distributions, validation, thresholds: stored, defaultThreshold };
    },
    'scores.overview': (scope) => overview(scope),
    'thresholds.set': (given) => {
      const { sorted } = distribution(given.modelId, given.idDatasetId, 'val');
      const made: Threshold = { ...given, id: `t${thresholds.length + 1}`, keptOfValidation: shareKept(sorted, given.value), validationImages: sorted.length, createdAt: TIME }; // prettier-ignore
      thresholds.push(made);
      return made;
    },
    'thresholds.list': ({ modelId }) => thresholds.filter((one) => one.modelId === modelId),
    'images.query': ({ scope, filter, sort }) => query(scope, filter, sort),
    'images.cells': ({ scope, refs }) => refs.map((ref) => cell(scope?.modelId ?? null, ref)),
    'images.detail': ({ scope, ref }) => {
      const own = cell(scope?.modelId ?? null, ref);
      const { name } = world.datasets.get(ref.datasetId)!;
      const logits = CLASSES.map((className, at) => ({ className, logit: 6 - at * 0.9 + normal(at, ref.ordinal) })).toSorted((one, other) => other.logit - one.logit); // prettier-ignore
      const total = logits.reduce((sum, { logit }) => sum + Math.exp(logit), 0);
      return {
        cell: own,
        datasetName: name,
        sha256: `${ref.ordinal.toString(16).padStart(8, '0')}${'ab'.repeat(28)}`,
        bytes: 812,
        width: 28,
        height: 28,
        logits: scope ? logits.map((one) => ({ ...one, share: Math.exp(one.logit) / total })) : [],
        energy: own.score === null ? null : -own.score,
        featureL1: scope ? 11.8 : null,
        activeUnits: scope ? 37 : null,
        units: scope ? 128 : null,
        percentile: scope ? uniform(3, ref.ordinal) : null,
        neighbours: scope
          ? Array.from({ length: 8 }, (_, at) => {
              const ordinal =
                (ref.ordinal * 7 + at * 31) % world.datasets.get(scope.idDatasetId)!.ok;
              return {
                ref: { datasetId: scope.idDatasetId, ordinal },
                path: pathOf(world, scope.idDatasetId, ordinal),
                className: world.classOf(scope.idDatasetId, ordinal),
                similarity: 0.96 - at * 0.02,
              };
            })
          : [],
        history: [],
      };
    },
    'images.explain': ({ ref }) => explanation(ref),
    'scores.confusion': () => {
      const n = CLASSES.length;
      const counts = Int32Array.from({ length: n * n }, (_, at) => {
        const row = Math.floor(at / n);
        return row === at % n ? 182 - row : Math.floor(uniform(41, at) ** 3 * 12);
      });
      return {
        classes: [...CLASSES],
        counts,
        accuracy: 0.912,
        perClass: CLASSES.map((_, at) => ({ recall: 0.95 - at * 0.01, precision: 0.94 - at * 0.008, n: 200 })), // prettier-ignore
      };
    },
    'embedding.pca': (scope) => scatter(scope, 'pca'),
    'embedding.umap': async (scope, context) => {
      await pretend(
        jobs,
        { kind: 'embed', title: 'UMAP', images: 2000, stepMs: stepMs / 20 },
        context,
      );
      return scatter(scope, 'umap');
    },
    'compare.models': async (
      { modelIds, detector, idDatasetId, split, oodDatasetIds },
      context,
    ) => {
      await pretend(jobs, { kind: 'compare', title: `Compare ${modelIds.length} models`, images: 4000, stepMs }, context); // prettier-ignore
      const models = modelIds.map((modelId) => {
        const { name, role } = world.models.get(modelId)!;
        const own = overview({ modelId, detector, idDatasetId, split, oodDatasetIds });
        const made = curves(own);
        return {
          modelId,
          name,
          role,
          overview: own,
          roc: made.map(({ datasetId, x, y }) => ({ datasetId, curve: { x, y }, fpr95: own.metrics.find((set) => set.datasetId === datasetId)!.fpr95.value })), // prettier-ignore
          pr: made.map(({ datasetId, x, y }) => ({ datasetId, curve: { x, y: y.map((value) => 1 - 0.3 * (1 - value)) } })), // prettier-ignore
          statistics: own.distributions.map((set, at) => ({ name: set.name, n: set.sorted.length, meanL1: 12.4 + at, hoyer: 0.61 + at / 50, nearZeroUnits: 0.42 + at / 60, meanEnergy: -set.mean, stdEnergy: set.std })), // prettier-ignore
        };
      });
      const [base, ...others] = models;
      const differences = others.flatMap((other) =>
        [null, ...oodDatasetIds].flatMap((datasetId) => {
          const value = (model: typeof other): number => datasetId === null ? model.overview.average!.fpr95 : model.overview.metrics.find((set) => set.datasetId === datasetId)!.fpr95.value; // prettier-ignore
          return [
            { modelId: other.modelId, baseModelId: base!.modelId, datasetId, metric: 'fpr95' as const, difference: around(value(other) - value(base!), 0.02) }, // prettier-ignore
            { modelId: other.modelId, baseModelId: base!.modelId, datasetId, metric: 'auroc' as const, difference: around(0.018, 0.006) }, // prettier-ignore
          ];
        }),
      );
      return {
        idDatasetId,
        split,
        detector,
        models,
        differences,
        verdict: models.some(({ role }) => role === 'sparse')
          ? {
              outcome: 'improved',
              sentence: 'This run’s gain over its control is 3.2 points (1.1 to 5.4).',
              rule: 'The mean FPR95 of the sparse model is lower than that of its λ = 0 control on the same images, and the 95% interval of the difference excludes 0.', // prettier-ignore
              cautions: ['One seed was used; the gain of another may differ.'],
            }
          : null,
        seeds: [],
      };
    },
    'compare.pairs': ({ before, afterModelId, kind }) => {
      const { ordinals, datasets, datasetIds } = query(before, {}, { by: 'score', direction: 'ascending' }); // prettier-ignore
      const at = (modelId: string): Float64Array<ArrayBuffer> => Float64Array.from(ordinals, (ordinal, place) => world.scores(modelId, datasetIds[datasets[place]!]!)[ordinal]!); // prettier-ignore
      const scoresBefore = at(before.modelId);
      const scoresAfter = at(afterModelId);
      const ranks = (scores: Float64Array): Uint32Array<ArrayBuffer> => {
        const rank = new Uint32Array(scores.length);
        Uint32Array.from(scores, (_, place) => place).sort((one, other) => scores[other]! - scores[one]!).forEach((place, position) => (rank[place] = position)); // prettier-ignore
        return rank;
      };
      const list: PairedList = {
        total: ordinals.length,
        datasetIds,
        datasets,
        ordinals,
        scoresBefore,
        scoresAfter,
        ranksBefore: ranks(scoresBefore),
        ranksAfter: ranks(scoresAfter),
        outcomes: Uint8Array.from(ordinals, (ordinal, place) => (scoresBefore[place]! > 6 ? 1 : 0) | (scoresAfter[place]! > 6 ? 2 : 0) | (uniform(seedOf(kind), ordinal) < 0.05 ? 4 : 0)), // prettier-ignore
      };
      const wanted = (place: number): boolean => {
        const outcome = list.outcomes[place]!;
        const isId = datasets[place] === 0;
        switch (kind) {
          case 'all':
          case 'rank-change':
            return true;
          case 'prediction-flips':
            return (outcome & 4) !== 0;
          case 'accept-flips':
            return (outcome & 1) !== ((outcome >> 1) & 1);
          case 'regressions':
            return isId ? (outcome & 3) === 1 : (outcome & 3) === 2;
          case 'rescues':
            return isId ? (outcome & 3) === 2 : (outcome & 3) === 1;
        }
      };
      const places = [...ordinals.keys()].filter(wanted);
      return {
        total: places.length,
        datasetIds,
        datasets: Uint16Array.from(places, (place) => list.datasets[place]!),
        ordinals: Uint32Array.from(places, (place) => list.ordinals[place]!),
        scoresBefore: Float64Array.from(places, (place) => list.scoresBefore[place]!),
        scoresAfter: Float64Array.from(places, (place) => list.scoresAfter[place]!),
        ranksBefore: Uint32Array.from(places, (place) => list.ranksBefore[place]!),
        ranksAfter: Uint32Array.from(places, (place) => list.ranksAfter[place]!),
        outcomes: Uint8Array.from(places, (place) => list.outcomes[place]!),
      };
    },
    'views.list': () => [...views],
    'views.save': ({ name, filter, sort }) => {
      const view: SavedView = { id: `v${views.length + 1}`, name, filter, sort, createdAt: TIME };
      views.push(view);
      return view;
    },
    'views.remove': ({ viewId }) => {
      const place = views.findIndex(({ id }) => id === viewId);
      if (place >= 0) views.splice(place, 1);
      return null;
    },
  };
}

/** A blob of heat somewhere, and a weaker one against it at the other side. */
function explanation({ ordinal }: ImageRef): ImageExplanation {
  const size = 28;
  const [x0, y0] = [6 + uniform(5, ordinal) * 16, 6 + uniform(6, ordinal) * 16];
  const blob = (at: number, x: number, y: number): number =>
    Math.exp(-(((at % size) - x) ** 2 + (Math.floor(at / size) - y) ** 2) / 40);
  const places = Array.from({ length: size * size }, (_, at) => at);
  return {
    size,
    side: 7,
    resize: 'stretch',
    heat: Uint8Array.from(places, (at) => Math.round(255 * blob(at, x0, y0))),
    signed: Uint8Array.from(places, (at) =>
      Math.round(128 + 127 * blob(at, x0, y0) - 90 * blob(at, size - x0, size - y0)),
    ),
    energy: -6.5,
    sums: { features: 6.1, bias: 0.08, entropy: 0.32 },
    features: Array.from({ length: 8 }, (_, at) => ({ unit: (at * 37 + ordinal) % 128, activation: 1.9 - at * 0.2, adds: (at % 3 === 2 ? -1 : 1) * (1.6 - at * 0.17) })), // prettier-ignore
    units: 128,
    logits: CLASSES.slice(0, 3).map((className, at) => ({ className, logit: 6 - at, bias: 0.1, features: [{ unit: 5 + at, adds: 1.2 }] })), // prettier-ignore
  };
}
