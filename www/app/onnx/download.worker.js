// Fetches a file from another site. The page's own policy forbids that to the
// page, which has what the user dropped; this thread has nothing but the address.
import { DextrError } from '../../dextr/error.js';
import { download } from '../../dextr/model.js';

addEventListener('message', async ({ data: { address, name } }) => {
  try {
    postMessage({ blob: await download(new URL(address), name) });
  } catch (error) {
    postMessage({ fault: DextrError.from(error).toFault() });
  }
});
