/** A gate that can be closed for a while. */
export function gate() {
  /** @type {Promise<void> | undefined} */
  let closed;
  let open = () => {};
  return {
    close() {
      closed ??= new Promise((resolve) => {
        open = resolve;
      });
    },
    open() {
      closed = undefined;
      open();
    },
    /** Until the gate is open. */
    passed: () => closed,
  };
}
