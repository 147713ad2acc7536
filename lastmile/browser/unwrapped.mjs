// Finds words on the dispatcher's screens that cannot be translated: text outside of t(…) and n(…).
//
//   node lastmile/browser/unwrapped.mjs [FILE…]     prints FILE:LINE: TEXT for each; ends with 1 if there is one
//
// It reads the sources as TypeScript does. Text counts as words where it is drawn (JSX text, what stands between tags,
// labels and titles), where a property is named like words (title, label, words, …), and wherever it reads like a sentence.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const browser = dirname(fileURLToPath(import.meta.url));
/** What the dispatcher sees. The apps of drivers and recipients come later. */
const FOLDERS = ["board", "grid", "insights", "map", "orders", "ui"];
const ENTRIES = ["app.ts", "board.tsx", "import_grid.tsx", "insights.ts", "orders_list.ts"];

/** Colours, fonts and features of the map: no sentences, but much that looks like words. */
const PICTURES = ["images.ts", "overlay.ts", "style.ts"].map((name) => join("map", name));

/** Attributes that are read or heard; all others are for the machine, but for the handlers (on…), which are code. */
const SPOKEN = new Set(["aria-label", "aria-description", "aria-placeholder", "aria-roledescription", "aria-valuetext", "alt", "label", "placeholder", "title", "words"]);
const NAMED = new Set(["label", "message", "more", "placeholder", "text", "title", "word", "words"]);
/** Properties that hold a code of the program. */
const CODED = new Set(["kind", "type", "id", "icon", "tone", "keys"]);
/** Calls whose arguments are names of the browser or of the program. */
const TECHNICAL = new Set([
  "addEventListener", "removeEventListener", "querySelector", "querySelectorAll", "closest", "matches", "matchMedia", "getElementById", "createElement",
  "getItem", "setItem", "removeItem", "toggle", "add", "remove", "contains", "getPropertyValue", "CustomEvent", "Set", "token", "scrollTo", "startsWith",
  "includes", "getContext", "setPaintProperty", "ajax", "mark", "measure", "clearMeasures", "warn", "error",
]);
/** The same in all languages, or no words at all. */
const ALLOWED = new Set(["km", "mi", "kg", "kB", "px", "rem", "Content-Type", "X-CSRFToken", "Accept", "Shift", "Control", "Alt", "Meta"]);

function sources(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(name) && !name.endsWith(".d.ts") ? [path] : [];
  });
}

const nameOf = (call) => (ts.isPropertyAccessExpression(call.expression) ? call.expression.name.text : call.expression.getText());

/** What kind of place the text stands in: "skip" for the machine's, "drawn" where every word counts, "code" elsewhere. */
function placeOf(node) {
  for (let at = node, up = node.parent; up; at = up, up = up.parent) {
    if (ts.isImportDeclaration(up) || ts.isExportDeclaration(up) || ts.isTypeNode(up)) return "skip";
    if (ts.isCaseClause(up) && up.expression === at) return "skip";
    if (ts.isElementAccessExpression(up) && up.argumentExpression === at) return "skip";
    if (ts.isBinaryExpression(up) && /^[!=]==?$/.test(up.operatorToken.getText())) return "skip";
    if ((ts.isCallExpression(up) || ts.isNewExpression(up)) && up.expression !== at) {
      const name = nameOf(up);
      if (name === "t" || name === "n") return "skip";
      if (TECHNICAL.has(name) && at === node) return "skip";
      if (name === "toast") return up.arguments[0] === at ? "drawn" : "skip";
      if (name === "failed" || name === "outcomeWord" || name === "quoted") return "skip";
    }
    if (ts.isPropertyAssignment(up) && up.initializer === at && NAMED.has(up.name.getText().replaceAll('"', ""))) return "drawn";
    if (ts.isPropertyAssignment(up) && (up.name === at || CODED.has(up.name.getText()))) return "skip";
    if (ts.isJsxAttribute(up)) {
      const name = up.name.getText();
      return SPOKEN.has(name) ? "drawn" : "skip";
    }
    if (ts.isJsxExpression(up) && !ts.isJsxAttribute(up.parent)) return "drawn";
    if (ts.isFunctionLike(up) || ts.isStatement(up)) return "code";
  }
  return "code";
}

function looksLikeWords(text, place) {
  const plain = text.trim();
  if (!/[A-Za-z]{2}/.test(plain) || ALLOWED.has(plain)) return false;
  // Names of classes, selectors, colours, addresses, and of the program itself.
  if (/^[a-z0-9_.:|#/?=&;()-]+$/.test(plain) && place === "code") return false;
  if (/^(([a-z]+-)*(is|has|chip|button|icon|count|look|skeleton|stop|route)(-[a-z0-9-]+)?\s*)+$/.test(plain)) return false;
  if (/^[\w-]*[.#[][\w-]|^<|^https?:|^rgba?\(|^var\(|^calc\(|^\(?[a-z-]+: |^\s*\{|[{;] /.test(plain)) return false;
  if (place === "drawn") return /[A-Za-z]{2}/.test(plain);
  return /[A-Za-z]{2,}[,.:…]? [A-Za-z]{2,}/.test(plain) || /^[A-Z][a-z]+(…|\.)?$/.test(plain) || /^\s*[,(]? [a-z]{2,}/.test(text);
}

function unwrapped(path) {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true, path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  const found = [];
  const tell = (node, text) => found.push(`${relative(process.cwd(), path)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${text.trim()}`);
  const visit = (node) => {
    if (ts.isJsxText(node)) {
      if (looksLikeWords(node.text, "drawn") && !inKey(node)) tell(node, node.text);
    } else if (ts.isStringLiteralLike(node)) {
      const place = placeOf(node);
      if (place !== "skip" && looksLikeWords(node.text, place)) tell(node, node.text);
    } else if (ts.isTemplateExpression(node)) {
      const place = placeOf(node);
      const chunks = [node.head.text, ...node.templateSpans.map((span) => span.literal.text)];
      if (place !== "skip" && chunks.some((chunk) => looksLikeWords(chunk, place))) tell(node, node.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** What stands on a key of the keyboard and is the same everywhere. */
function inKey(node) {
  return ts.isJsxElement(node.parent) && node.parent.openingElement.tagName.getText() === "kbd";
}

const asked = process.argv.slice(2);
const files = asked.length ? asked : [...FOLDERS.flatMap((name) => sources(join(browser, name))).filter((path) => !PICTURES.includes(relative(browser, path))), ...ENTRIES.map((name) => join(browser, "entries", name))];
const found = files.flatMap(unwrapped);
for (const line of found) console.log(line);
process.exitCode = found.length ? 1 : 0;
