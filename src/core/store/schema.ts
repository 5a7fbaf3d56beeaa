/** Tables of `workspace.sqlite` and how older files become current ones. */
import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../errors.ts';
import { integer } from './rows.ts';

/** `Stry` in ASCII: tells our file from any other SQLite file of the same name. */
const applicationId = 0x53747279;

/** Older ones can lose a WAL database in a race between a checkpoint and a reset of the log. */
export const oldestSqlite = '3.51.3';

const states = "'pending','running','paused','succeeded','failed','cancelled','interrupted'";

/** Each entry takes the file from its index to the next version; released entries never change. */
const migrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE datasets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('id', 'ood')),
    root TEXT NOT NULL UNIQUE,
    format TEXT NOT NULL CHECK (format IN ('folder', 'cifar-binary', 'idx')),
    summary TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    scanned_at TEXT NOT NULL,
    near_far TEXT CHECK (near_far IN ('near', 'far'))
  ) STRICT;
  CREATE TABLE images (
    dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    path TEXT NOT NULL,
    class_index INTEGER,
    split TEXT CHECK (split IN ('train', 'val', 'test')),
    bytes INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ok', 'failed', 'excluded')),
    reason TEXT NOT NULL,
    PRIMARY KEY (dataset_id, ordinal)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE models (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    parent_id TEXT REFERENCES models (id),
    dataset_id TEXT REFERENCES datasets (id),
    role TEXT NOT NULL,
    objective TEXT NOT NULL,
    preset TEXT NOT NULL,
    weights_sha256 TEXT NOT NULL,
    created_at TEXT NOT NULL,
    json TEXT NOT NULL
  ) STRICT;
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN (${states})),
    config TEXT NOT NULL,
    model_id TEXT REFERENCES models (id),
    created_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT,
    error TEXT
  ) STRICT;
  CREATE TABLE scores (
    model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    classes INTEGER NOT NULL,
    row_indices BLOB NOT NULL,
    logits BLOB NOT NULL,
    energies BLOB NOT NULL,
    feature_names TEXT NOT NULL,
    features BLOB NOT NULL,
    PRIMARY KEY (model_id, dataset_id)
  ) STRICT;
  CREATE TABLE audits (
    id TEXT PRIMARY KEY,
    created_at TEXT NOT NULL,
    title TEXT NOT NULL,
    json TEXT NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE datasets ADD COLUMN removed_at TEXT;
  ALTER TABLE models ADD COLUMN removed_at TEXT;
  -- One entry per image in the order of the manifest: what was measured on its pixels.
  CREATE TABLE measurements (
    dataset_id TEXT PRIMARY KEY REFERENCES datasets (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    measured BLOB NOT NULL,
    hashes BLOB NOT NULL,
    looks BLOB NOT NULL,
    qualities BLOB NOT NULL
  ) STRICT;
  -- Flags and groups of copies that follow from the measurements.
  CREATE TABLE analyses (
    dataset_id TEXT PRIMARY KEY REFERENCES datasets (id) ON DELETE CASCADE,
    analysed_at TEXT NOT NULL,
    flags BLOB NOT NULL,
    exact_groups BLOB NOT NULL,
    near_groups BLOB NOT NULL
  ) STRICT;
  -- Images that two datasets share: ordinal in the first, ordinal in the second, bits that differ (-1: same bytes).
  CREATE TABLE shared_images (
    first_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    second_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    pairs BLOB NOT NULL,
    PRIMARY KEY (first_id, second_id),
    CHECK (first_id < second_id)
  ) STRICT, WITHOUT ROWID;
  -- Appended only; an undo or a redo is an entry of its own, about the entry it names.
  CREATE TABLE curation_log (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('apply', 'undo', 'redo')),
    target TEXT REFERENCES curation_log (id),
    action TEXT,
    time TEXT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    CHECK ((kind = 'apply') = (action IS NOT NULL)),
    CHECK ((kind = 'apply') = (target IS NULL))
  ) STRICT;
  -- Images of an entry: paths with a NUL between them, 32 bytes of SHA-256 each, and where they were then.
  CREATE TABLE curation_targets (
    position INTEGER NOT NULL REFERENCES curation_log (position),
    dataset_id TEXT NOT NULL,
    images INTEGER NOT NULL,
    paths BLOB NOT NULL,
    hashes BLOB NOT NULL,
    ordinals BLOB NOT NULL,
    PRIMARY KEY (position, dataset_id)
  ) STRICT;
  CREATE TABLE thresholds (
    id TEXT PRIMARY KEY,
    model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    detector TEXT NOT NULL,
    id_dataset_id TEXT NOT NULL,
    value REAL NOT NULL,
    kept_of_validation REAL NOT NULL,
    validation_images INTEGER NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE saved_views (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    filter TEXT NOT NULL,
    sort TEXT NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;
  -- Penultimate features, one row of 32-bit floats per scored image, in a file of the model's folder.
  CREATE TABLE feature_files (
    model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    rows INTEGER NOT NULL,
    units INTEGER NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    PRIMARY KEY (model_id, dataset_id)
  ) STRICT;
  `,
  // Scores go to files, features included; they are recomputed, not converted.
  `
  DROP TABLE feature_files;
  DROP TABLE scores;
  CREATE TABLE scores (
    model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    folder TEXT NOT NULL,
    images INTEGER NOT NULL,
    classes INTEGER NOT NULL,
    units INTEGER NOT NULL,
    PRIMARY KEY (model_id, dataset_id)
  ) STRICT;
  `,
  `
  -- Place in the queue of runs that wait; null for all others.
  ALTER TABLE runs ADD COLUMN queue_position INTEGER;
  ALTER TABLE runs ADD COLUMN removed_at TEXT;
  -- How fast this machine trains, for estimates.
  CREATE TABLE throughput (
    tier TEXT NOT NULL,
    network TEXT NOT NULL,
    input_size INTEGER NOT NULL,
    batch_size INTEGER NOT NULL,
    precision TEXT NOT NULL,
    images_per_second REAL NOT NULL,
    multiply_adds REAL NOT NULL,
    measured_at TEXT NOT NULL,
    PRIMARY KEY (tier, network, input_size, batch_size, precision)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What was kept beside logits and features: channels of all stages (0: not kept), and how images were moved (ODIN).
  ALTER TABLE scores ADD COLUMN stages INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE scores ADD COLUMN perturbed_temperature REAL;
  ALTER TABLE scores ADD COLUMN perturbed_epsilon REAL;
  `,
  `
  -- The same training with several seeds; runs name theirs as their group.
  CREATE TABLE experiments (
    id TEXT PRIMARY KEY,
    created_at TEXT NOT NULL,
    json TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- Reports in the making: entries are appended only.
  CREATE TABLE reports (
    id TEXT PRIMARY KEY,
    created_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE report_entries (
    position INTEGER PRIMARY KEY,
    report_id TEXT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    entry TEXT NOT NULL
  ) STRICT;
  CREATE INDEX report_entries_of ON report_entries (report_id, position);
  -- When a model was first scored on a set; scoring again changes nothing here, so that criteria can be told
  -- from afterthoughts.
  CREATE TABLE first_scores (
    model_id TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    first_at TEXT NOT NULL,
    PRIMARY KEY (model_id, dataset_id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO first_scores SELECT model_id, dataset_id, saved_at FROM scores;
  `,
];

/** The version this program writes. */
export const schemaVersion = migrations.length;

/** @throws AppError('runtime-missing') when SQLite is older than `oldestSqlite` */
export function checkSqliteVersion(version: string | undefined): void {
  const numbers = (text: string): number =>
    text.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);
  if (version !== undefined && numbers(version) >= numbers(oldestSqlite)) return;
  throw new AppError(
    'runtime-missing',
    `SQLite ${version ?? '(none)'}: at least ${oldestSqlite} is needed, because older ones can ` +
      'damage a workspace. Use the Node version that npm installs with this program.',
  );
}

/**
 * Brings a database to the current version, each step in its own transaction.
 * @throws AppError('invalid-data') when a newer program or another one wrote the file
 */
export function migrate(db: DatabaseSync, path: string): void {
  const version = integer(db.prepare('PRAGMA user_version').get(), 'user_version');
  const application = integer(db.prepare('PRAGMA application_id').get(), 'application_id');
  const tables = integer(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get(), 'n');
  if (application !== applicationId && (tables > 0 || version > 0)) {
    throw new AppError(
      'invalid-data',
      `${path}: this database belongs to another program. Choose another workspace folder.`,
    );
  }
  if (version > schemaVersion) {
    throw new AppError(
      'invalid-data',
      `${path}: written by a newer Straylight (schema ${version}, this one knows ${schemaVersion}). ` +
        'Update Straylight, or choose another workspace folder.',
      { details: { version, schemaVersion } },
    );
  }
  for (let from = version; from < schemaVersion; from++) {
    db.exec(
      `BEGIN IMMEDIATE; ${migrations[from]!} PRAGMA application_id = ${applicationId};` +
        `PRAGMA user_version = ${from + 1}; COMMIT`,
    );
  }
}
