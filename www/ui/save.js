/**
 * Hands the user a file.
 * @param {string} name
 * @param {Blob} blob
 */
export function saveBlob(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the data once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** The same with a text. @param {string} name @param {string} type @param {string} text */
export function save(name, type, text) {
  saveBlob(name, new Blob([text], { type }));
}
