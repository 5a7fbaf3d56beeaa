/** Which way scores point, in one place: the command line, the window and the report print these texts. */

/** The orientation of every score of the program. */
export const SCORE_ORIENTATION =
  'Scores S are larger for in-distribution images. Energy E is shown with its own sign: S = −E, so a lower E is more in-distribution.';

/** The primary FPR95, as it is labelled wherever there is room. */
export const FPR95_ID_POSITIVE =
  'FPR95, ID positive: share of OOD images accepted at the threshold that keeps 95% of the ID test images';

/** The other convention, shown beside it. */
export const FPR95_OOD_POSITIVE =
  'FPR95, OOD positive (OpenOOD v1.5): share of ID images flagged at the threshold that catches 95% of the OOD images';
