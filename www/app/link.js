/**
 * The part of the address after `#`: `space`, `arch` and the settings that are
 * not the initial ones, under the names of the saved columns.
 * @typedef {{ space?: string, arch?: string, settings: Record<string, string> }} Setup
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
  const { space, arch, ...settings } = Object.fromEntries(named);
  return { space, arch, settings, damage };
}

/** @param {Setup} setup */
export function writeLink({ space, arch, settings }) {
  return `#${new URLSearchParams({ ...(space && { space }), ...(arch && { arch }), ...settings })}`;
}

/**
 * The setup of a saved row, under the names of its columns.
 * @param {Record<string, unknown>} row
 * @returns {Record<string, string>}
 */
export function rowSettings(row) {
  const own = ['seed', 'seeds', 'image_seed', 'curve_seed', 'protocol', 'observe', 'curves'].flatMap((name) => {
    const value = row[name];
    // The published protocol fixes these two itself.
    if (row.protocol === 'published' && (name === 'observe' || name === 'curves')) return [];
    return value === null || value === undefined || value === '' ? [] : [[name, String(value)]];
  });
  const options = String(row.options ?? '').split(/\s+/).filter((part) => part.includes('='))
    .map((part) => [`set.${part.slice(0, part.indexOf('='))}`, part.slice(part.indexOf('=') + 1)]);
  return Object.fromEntries([...own, ...options]);
}

/** Takes the file out of the address bar: another is open now. */
export function forgetFile() {
  const address = new URL(location.href);
  if (!address.searchParams.has('url')) return;
  address.searchParams.delete('url');
  showLink(address.href);
}

/** Puts the setup into the address bar, where the page may. @param {string} hash */
export function showLink(hash) {
  try {
    history.replaceState(null, '', hash);
  } catch {
    // A sandboxed or very busy page is refused: the link on the page still works.
  }
}
