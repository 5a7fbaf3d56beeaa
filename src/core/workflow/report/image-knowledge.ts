/** What is known of images without a model, for work that has no window to serve. */
import { curatedImages, replay } from '../../curate/replay.ts';
import type { ImageIndex } from '../../query/image-index.ts';
import type { ImageMarks } from '../../query/query-images.ts';
import type { Workspace } from '../../store/workspace.ts';
import type { ImageKnowledge } from '../score-sources.ts';

/** Decisions about the images of a dataset that are in force. */
export function decisionsAbout(workspace: Workspace, datasetId: string, index: ImageIndex) {
  const places = new Map<string, number>();
  return replay(workspace.curation.current().active, {
    datasetId,
    count: index.count,
    classes: workspace.getDataset(datasetId).summary.classes,
    sha256Of: (ordinal) => index.sha256(ordinal),
    ordinalOf: (path, hint) => {
      if (hint < index.count && index.path(hint) === path) return hint;
      if (places.size === 0) for (let i = 0; i < index.count; i++) places.set(index.path(i), i);
      return places.get(path) ?? -1;
    },
  });
}

/** Reads each dataset once. */
export class PlainImageKnowledge implements ImageKnowledge {
  private readonly workspace: Workspace;
  private readonly indices = new Map<string, Promise<ImageIndex>>();

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  index(datasetId: string): Promise<ImageIndex> {
    let index = this.indices.get(datasetId);
    if (!index) {
      index = this.workspace.loadImageIndex(datasetId);
      this.indices.set(datasetId, index);
    }
    return index;
  }

  async marks(datasetId: string): Promise<ImageMarks> {
    const index = await this.index(datasetId);
    const state = decisionsAbout(this.workspace, datasetId, index);
    return {
      flags: this.workspace.loadAnalysis(datasetId, index.count)?.flags ?? new Uint8Array(index.count), // prettier-ignore
      excluded: state.excluded,
      curated: curatedImages(state),
      tags: state.tags,
      relabelled: state.relabelled,
    };
  }
}
