import { h } from '../../ui/dom.js';
import { Model } from '../../dextr/index.js';

/**
 * What each space's measured rank correlations say, in one line. The figures are
 * those of the README's table "What to trust" (a test holds them together), on
 * rows of real benchmarks with one seed and noise as the image.
 * @type {Record<string, { advice: 'trust' | 'other' | 'unknown', text: string }>}
 */
export const TRUST = {
  nasbench201: { advice: 'trust', text: 'Trust it here: rank correlation with trained accuracy .92 on CIFAR-10, .90 on CIFAR-100, .86 on ImageNet16-120, where #params has .75, .73 and .69. The proxy concord ranks better still: .94, .92 and .89.' },
  nasbench101: { advice: 'other', text: 'Rank by #params here: it has a rank correlation of .77 with trained accuracy, the score .73. The proxy concord has .77 too.' },
  darts: { advice: 'other', text: 'Look at #params here: against trained accuracies it ranks better (.81) than the score (.78); against surrogates S does (.62 and .55; the score .46 and .45). The proxy concord has .81 too, and .49 and .48.' },
  transnasbench101: { advice: 'other', text: 'Rank by S here: .70, .54, .39 and .47 on four tasks, the score .70, .47, .29 and .33, #params .56, .33, .30 and .22. The proxy concord has .52, .34 and .41 on the last three.' },
  'autoformer-tiny': { advice: 'other', text: 'Rank by #params here: it is as good (.68, .88, .40 on three small sets) as the score (.63, .88, .37). K ranks transformers the wrong way round.' },
  flexibert: { advice: 'other', text: 'Rank by layers, then by width (.91): it beats every proxy. No score can tell operations apart by this benchmark: a fault of its code gave all 500 networks the same attention. For the networks as they were trained (option network) the score and S have .81, #params .71; as written .63, .62 and .63.' },
  pit: { advice: 'other', text: 'Rank by #params here (.72 to .96), not by the score (.23 to .32) nor the proxy concord (.40 to .53): K ranks transformers the wrong way round.' },
};

/** Where nothing was measured. */
const UNKNOWN = {
  model: 'How well the score ranks files like this one was not measured: compare networks of one family, and beside #params. Scores of different families cannot be compared.',
  space: 'How well the score ranks this space was not measured: look at #params and S beside it.',
};

/** Whether to believe the score in its space. @param {{ space: string }} score */
export function trustLine({ space }) {
  const { advice, text } = TRUST[space] ?? { advice: 'unknown', text: space === Model.space ? UNKNOWN.model : UNKNOWN.space };
  return h('p', { class: `trust ${advice === 'trust' ? 'good' : ''}` }, h('strong', {}, advice === 'trust' ? 'Trust: ' : advice === 'other' ? 'Caution: ' : 'Unmeasured: '), text);
}
