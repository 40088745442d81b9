// What dropped files are: by their names, and where these do not say it by their first bytes.

const MODEL = /\.onnx$/i;
/** Other ways to keep a network: the engine says what to do with them. */
const OTHER_MODEL = /\.(pt|pth|ckpt|pkl|h5|hdf5|keras|tflite|safetensors|ort|gguf|pb|mlmodel)$/i;
const LIST = /\.(txt|csv|tsv|json|jsonl|ndjson)$/i;

/**
 * Files as they belong together: models with the data files that came with
 * them, and pictures and lists.
 * @param {Iterable<File>} files
 * @param {(file: File) => Promise<boolean>} isModel Looks into one that is no model by its name.
 */
export async function sortFiles(files, isModel) {
  const all = [...files];
  const named = all.filter(({ name }) => MODEL.test(name));
  // Beside a model others are its data. What cannot be read says so where it is read.
  const unsaid = named.length > 0 ? [] : all.filter(({ name, type }) => !type.startsWith('image/') && !OTHER_MODEL.test(name));
  const found = await Promise.all(unsaid.map((file) => isModel(file).catch(() => false)));
  const models = [...named, ...unsaid.filter((_, index) => found[index])];
  const rest = all.filter((file) => !models.includes(file));
  const pictures = rest.filter(({ type }) => type.startsWith('image/'));
  const others = rest.filter((file) => !pictures.includes(file));
  const foreign = others.filter(({ name }) => OTHER_MODEL.test(name));
  const lists = others.filter(({ name, type }) => LIST.test(name) || type.startsWith('text/'));
  const unknown = others.filter((file) => !foreign.includes(file) && !lists.includes(file));
  // Weights beside a model may be called anything.
  if (models.length > 0) return { models, data: [...unknown, ...foreign], pictures, lists };
  return { models: foreign, data: unknown, pictures, lists };
}
