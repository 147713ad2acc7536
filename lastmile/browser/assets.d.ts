// What esbuild makes of files that are not code.
declare module "*.css";
declare module "*.svg" {
  const text: string;
  export default text;
}
declare module "*.png" {
  const address: string;
  export default address;
}
