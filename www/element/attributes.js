import { DextrError } from '../dextr/index.js';

/** Of the element itself. */
const OWN = ['space', 'arch', 'src', 'device', 'theme', 'page', 'set'];
/** Of a model file. */
const FILE = ['height', 'width', 'weights', 'outputs', 'renormalise'];
/** Settings that are whole numbers, and those that are words. */
const WHOLE = ['seed', 'seeds', 'image-seed', 'curve-seed', 'curves'];
const WORDS = ['protocol', 'observe', 'swap-size', 'proxies', 'reading'];
/** Attributes that any element may have. */
const GLOBAL = /^(id|class|style|title|hidden|lang|dir|slot|role|tabindex|part|exportparts|is|inert|translate|accesskey|draggable|nonce|popover|aria-.*|data-.*|on.*|item.*|xml.*)$/;

/** What decides the score: a change scores again. */
export const DECIDING = [...OWN.filter((name) => name !== 'theme' && name !== 'page'), ...FILE, ...WHOLE, ...WORDS];

/** `image-seed` → `imageSeed`. @param {string} name */
function camel(name) {
  return name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}

/** @param {string} name @param {string} text */
function whole(name, text) {
  if (/^\d+$/.test(text.trim()) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new DextrError({ code: 'bad-setting', message: `The attribute ${name}="${text}" is no whole number.`, where: `attribute ${name}`, hint: 'Give digits alone.' });
}

/** The options `name=value name=value` of a space. @param {string} text */
function options(text) {
  return Object.fromEntries(text.split(/\s+/).filter(Boolean).map((pair) => {
    const at = pair.indexOf('=');
    if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
    throw new DextrError({ code: 'bad-setting', message: `The attribute set="${text}" has “${pair}”, which is not name=value.`, where: 'attribute set', hint: 'Write set="size=160 classes=10".' });
  }));
}

/**
 * The settings that an element's attributes give. One that is unknown is passed
 * on under its name, for the engine to refuse it with the nearest.
 * @param {Element} element
 * @returns {Record<string, unknown>}
 */
export function settingsOf(element) {
  /** @type {Record<string, unknown>} */
  const settings = {};
  for (const { name, value } of element.attributes) {
    if (name === 'set') settings.options = options(value);
    else if (WHOLE.includes(name)) settings[camel(name)] = whole(name, value);
    else if (!OWN.includes(name) && !FILE.includes(name) && !GLOBAL.test(name)) settings[camel(name)] = value;
  }
  return settings;
}

/** How a model file is opened. @param {Element} element */
export function openingOf(element) {
  return Object.fromEntries(FILE.flatMap((name) => {
    const value = element.getAttribute(name);
    return value === null ? [] : [[name, value]];
  }));
}

/** What a link to a Dextr page says of an element. @param {Element} element @param {{ space: string, arch: string }} score */
export function linkOf(element, { space, arch }) {
  const page = element.getAttribute('page');
  if (page === null) return null;
  const named = [...WHOLE, ...WORDS].flatMap((name) => {
    const value = element.getAttribute(name);
    return value === null ? [] : [[name.replace('-', '_'), value]];
  });
  const set = Object.entries(options(element.getAttribute('set') ?? '')).map(([name, value]) => [`set.${name}`, value]);
  return `${new URL(page, document.baseURI).href.replace(/#.*$/, '')}#${new URLSearchParams([['space', space], ['arch', arch], ...named, ...set])}`;
}
