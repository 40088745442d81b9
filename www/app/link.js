/**
 * The part of the address after `#`: `space`, `arch` and the settings that are
 * not the initial ones, under the names of the saved columns.
 * `search` is a search's form.
 * @typedef {{ space?: string, arch?: string, search?: string, settings: Record<string, string> }} Setup
 */

/**
 * What a link says, and what is wrong with it, in sentences.
 * @param {string} hash
 * @returns {Setup & { damage: string[] }}
 */
export function readLink(hash) {
  const text = hash.replace(/^#/, '');
  /** @type {string[]} */
  const damage = [];
  // Other anchors of the page are none of ours.
  if (!text || (!text.includes('=') && document.getElementById(text))) return { settings: {}, damage };
  const pairs = [...new URLSearchParams(text)];
  const broken = /%(?![0-9a-f]{2})/i.exec(text);
  if (broken) damage.push(`Character ${broken.index + 1} after the # should be a “%” and two digits.`);
  else if (pairs.some(([, value]) => value.includes('\ufffd'))) damage.push('It has bytes that are no text.');
  const named = pairs.filter(([name, value]) => name && (value || text.includes(`${name}=`)));
  if (named.length < pairs.length || pairs.length === 0) damage.push('It has a part that is not of the form name=value.');
  const { space, arch, search, ...settings } = Object.fromEntries(named);
  return { space, arch, search, settings, damage };
}

/** @param {Setup} setup */
export function writeLink({ space, arch, search, settings }) {
  return `#${new URLSearchParams({ ...(space && { space }), ...(arch && { arch }), ...(search && { search }), ...settings })}`;
}

/** Takes the file out of the address bar: another is open now. */
export function forgetFile() {
  const address = new URL(location.href);
  if (!address.searchParams.has('url')) return;
  address.searchParams.delete('url');
  showLink(address.href);
}

/** Whether the address says what is on the page: until then a change of it is no step back. */
let shown = false;

/** Puts the setup into the address bar, where the page may; Back undoes an edit. @param {string} hash */
export function showLink(hash) {
  try {
    // What is open already, by Back or by a link, is no new step.
    if (shown && new URL(hash, location.href).href !== location.href) history.pushState(null, '', hash);
    else history.replaceState(null, '', hash);
    shown = true;
  } catch {
    // A sandboxed or very busy page is refused: the link on the page still works.
  }
}
