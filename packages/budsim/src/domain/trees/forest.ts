/** Gradient-boosted regression trees as plain data: what is trained, evaluated and written to XGBoost's format. */

export type ForestObjective = 'squared-error' | 'absolute-error'

/** A prediction is `base_score` plus the value of one leaf of each tree, added in float32 as XGBoost does. */
export interface Forest {
  objective: ForestObjective
  /** In the order of a row's values. */
  feature_names: string[]
  base_score: number
  trees: Tree[]
}

/** One column per property of a node; node 0 is the root. All numbers are float32, as in XGBoost. */
export interface Tree {
  /** Children of a split; LEAF at a leaf. */
  left: Int32Array
  right: Int32Array
  /** Index of the feature that is compared; 0 at a leaf. */
  feature: Int32Array
  /** A split sends `value < threshold` to the left. At a leaf: the leaf's value. */
  threshold: Float32Array
  /** 1 where a missing value goes to the left. */
  default_left: Uint8Array
  /** How much the split lowers the regularised loss; 0 at a leaf. */
  gain: Float32Array
  /** Sum of the hessians of the rows that passed here: their weight. */
  cover: Float32Array
  /** The value this node would have as a leaf. */
  weight: Float32Array
}

/** XGBoost's mark for "no child". */
export const LEAF = -1

/** More are refused, so that a forged count cannot fill the memory. */
export const FEATURES_MAX = 65_536
