declare module 'part:*' {
  const text: string;
  export default text;
}
