// What dropped files are, by their names: what is in them the engine finds out.

const MODEL = /\.onnx$/i;
/** Other ways to keep a network: the engine says what to do with them. */
const OTHER_MODEL = /\.(pt|pth|ckpt|pkl|h5|hdf5|keras|tflite|safetensors|ort|gguf|pb|mlmodel)$/i;
const LIST = /\.(txt|csv|tsv|json|jsonl|ndjson)$/i;

/**
 * Files as they belong together: models with the data files that came with
 * them, and pictures and lists.
 * @param {Iterable<File>} files
 */
export function sortFiles(files) {
  const all = [...files];
  const models = all.filter(({ name }) => MODEL.test(name));
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
