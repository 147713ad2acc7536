// Bundles the browser's code into var/build/app/, from where Django serves it as /static/app/….
//
//   lastmile/browser/entries/NAME.ts(x)  →  NAME.js (and NAME.css where the entry imports styles)
//   lastmile/browser/service-worker.ts   →  sw.js, in one piece
//   MapLibre's worker and style sheets   →  map-worker.js, maplibre-gl.css, uplot.css
//
// `./run build` calls it when a source has changed; `node lastmile/browser/build.mjs` always builds.
import { build } from "esbuild";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const browser = dirname(fileURLToPath(import.meta.url));
const root = join(browser, "..", "..");
const target = join(root, "var", "build", "app");
const fresh = join(root, "var", "build", `.app-${process.pid}`);

const common = {
  bundle: true,
  minify: true,
  sourcemap: true,
  target: ["es2022"],
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".svg": "text", ".png": "file", ".woff2": "file" },
  absWorkingDir: root,
};

async function entries() {
  const folder = join(browser, "entries");
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts")).map((name) => join(folder, name));
}

async function bundle() {
  const points = await entries();
  if (points.length) {
    await build({
      ...common,
      entryPoints: points,
      outdir: fresh,
      format: "esm",
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      assetNames: "assets/[name]-[hash]",
    });
  }
  // Workers load one file each: no splitting, no import from a page's chunk.
  await build({
    ...common,
    entryPoints: { "map-worker": "maplibre-gl/dist/maplibre-gl-worker.mjs" },
    outdir: fresh,
    format: "esm",
    sourcemap: false,
  });
  await build({
    ...common,
    entryPoints: { "maplibre-gl": "maplibre-gl/dist/maplibre-gl.css", uplot: "uplot/dist/uPlot.min.css" },
    outdir: fresh,
    sourcemap: false,
  });
  const serviceWorker = join(browser, "service-worker.ts");
  if (existsSync(serviceWorker)) {
    await build({ ...common, entryPoints: { sw: serviceWorker }, outdir: fresh, format: "iife", sourcemap: false });
  }
}

await mkdir(fresh, { recursive: true });
try {
  await bundle();
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
} finally {
  await rm(fresh, { recursive: true, force: true });
}
