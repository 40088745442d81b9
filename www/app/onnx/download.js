import { DextrError } from '../../dextr/index.js';
import { download, nameOf } from '../../dextr/model.js';

/**
 * The file at an address, of this site or of one that lets others read it.
 * @param {string} address
 * @returns {Promise<File>}
 */
export async function fileAt(address) {
  let url;
  try {
    url = new URL(address, document.baseURI);
  } catch (error) {
    throw new DextrError({ code: 'load-failed', message: `“${address}” is no address.`, hint: 'Give the address of a file after ?url=.' }, error);
  }
  if (!/^(https?|blob|data):$/.test(url.protocol)) {
    throw new DextrError({ code: 'load-failed', message: `“${address}” cannot be fetched.`, hint: 'Give an address that starts with https://, or drop the file here.' });
  }
  const name = nameOf(url);
  const blob = url.origin === location.origin ? await download(url, name) : await elsewhere(url, name);
  return new File([blob], name, { type: blob.type });
}

/** @param {URL} url @param {string} name @returns {Promise<Blob>} */
async function elsewhere(url, name) {
  /** @type {Worker | undefined} */
  let worker;
  try {
    const started = (worker = new Worker(new URL('./download.worker.js', import.meta.url), { type: 'module', name: 'download' }));
    return await new Promise((resolve, reject) => {
      started.addEventListener('message', ({ data }) => (data.fault ? reject(new DextrError(data.fault)) : resolve(data.blob)), { once: true });
      started.addEventListener('error', reject, { once: true });
      started.postMessage({ address: url.href, name });
    });
  } catch (error) {
    if (error instanceof DextrError) throw error;
    throw new DextrError({ code: 'load-failed', message: `“${name}” cannot be fetched here: this page may have no workers.`, hint: 'Download it and drop it on the page.' }, error);
  } finally {
    worker?.terminate();
  }
}
