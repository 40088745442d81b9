// build.sh puts the package's module beside this file.
export * from '@dagrejs/dagre';
