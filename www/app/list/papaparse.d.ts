// The package's published types need those of Node, so what is used here is declared here.
declare module 'papaparse' {
  const Papa: {
    unparse(table: { fields: readonly string[]; data: readonly (readonly unknown[])[] }, options: { newline: string }): string;
  };
  export default Papa;
}
