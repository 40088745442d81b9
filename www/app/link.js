/**
 * The part of the address after `#`: `space`, `arch` and the settings that are
 * not the initial ones, under the names of the saved columns.
 * @typedef {{ space?: string, arch?: string, settings: Record<string, string> }} Setup
 */

/** @param {string} hash @returns {Setup} */
export function readLink(hash) {
  const { space, arch, ...settings } = Object.fromEntries(new URLSearchParams(hash.replace(/^#/, '')));
  return { space, arch, settings };
}

/** @param {Setup} setup */
export function writeLink({ space, arch, settings }) {
  return `#${new URLSearchParams({ ...(space && { space }), ...(arch && { arch }), ...settings })}`;
}

/** Puts the setup into the address bar, where the page may. @param {string} hash */
export function showLink(hash) {
  try {
    history.replaceState(null, '', hash);
  } catch {
    // A sandboxed or very busy page is refused: the link on the page still works.
  }
}
