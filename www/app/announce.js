/**
 * Says things to screen readers, by a live region that nobody sees.
 * @param {HTMLElement} region
 */
export function announcer(region) {
  let odd = false;
  return (/** @type {string} */ text) => {
    // The same words twice are only read when something differs.
    odd = !odd;
    region.replaceChildren(odd ? text : `${text}\u00a0`);
  };
}
