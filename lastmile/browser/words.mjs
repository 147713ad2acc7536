// Lists the sentences that the browser's code says: every `t("…")`, `n("one", "many", …)` and `mark("…")` of
// ui/words.ts, as JSON on the standard output. `./run words` and `./run check` call it.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const browser = dirname(fileURLToPath(import.meta.url));
const root = join(browser, "..", "..");
const found = [];
const faults = [];

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(folder, entry.name)) : /\.tsx?$/.test(entry.name) ? [join(folder, entry.name)] : [],
  );
}

/** The names under which a file has imported what speaks: local name → t, n or mark. */
function speakers(source) {
  const names = new Map();
  for (const part of source.statements) {
    if (!ts.isImportDeclaration(part) || !/(^|\/)ui\/words$|^\.\/words$/.test(part.moduleSpecifier.text)) continue;
    for (const one of part.importClause?.namedBindings?.elements ?? []) {
      const name = (one.propertyName ?? one.name).text;
      if (["t", "n", "mark"].includes(name)) names.set(one.name.text, name);
    }
  }
  return names;
}

function literal(node) {
  if (!node) return null;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [literal(node.left), literal(node.right)];
    return left === null || right === null ? null : left + right;
  }
  return null;
}

function read(path) {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
  const names = speakers(source);
  if (!names.size) return;
  const place = relative(root, path);
  const visit = (node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && names.has(node.expression.text)) {
      const kind = names.get(node.expression.text);
      const text = literal(node.arguments[0]);
      const many = kind === "n" ? literal(node.arguments[1]) : "";
      if (text !== null && many !== null) found.push({ text, many, place });
      else if (kind !== "t" || node.arguments.some((one, at) => at === 0 && ts.isTemplateExpression(one))) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        faults.push(`${place}:${line + 1}: ${kind}() takes literals with {names}, and the values besides`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

for (const path of files(browser).sort()) read(path);
if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
console.log(JSON.stringify(found));
