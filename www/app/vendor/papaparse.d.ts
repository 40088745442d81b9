// build.sh puts the package's module beside this file. Its published types need
// those of Node, so what is used here is declared here.
export interface Parsed {
  data: string[][];
  /** `row` is an index into `data`. */
  errors: { type: string; code: string; message: string; row?: number }[];
}

declare const Papa: {
  parse(text: string, options: { delimiter: string; header?: false; preview?: number; skipEmptyLines?: boolean }): Parsed;
  unparse(table: { fields: readonly string[]; data: readonly (readonly unknown[])[] }, options: { newline: string }): string;
};
export default Papa;
