import { copyBox } from '../ui/copybox.js';

const BIBTEX = `@article{asthana2025dextr,
  title   = {Dextr: Zero-Shot Neural Architecture Search with Singular Value Decomposition and Extrinsic Curvature},
  author  = {Asthana, Rohan and Conrad, Joschua and Ortmanns, Maurits and Belagiannis, Vasileios},
  journal = {Transactions on Machine Learning Research},
  year    = {2025},
  url     = {https://arxiv.org/abs/2508.12977}
}`;

/** The paper, for a bibliography. */
export function citation() {
  return copyBox('Copy the BibTeX entry', BIBTEX);
}
