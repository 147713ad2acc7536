// Sentences in the language of the page. The English text is its own key; other languages come as a static script
// that stands before the bundles (templates/base.html) and is made of lastmile/locale/…/djangojs.po. So `t` may be
// called while a module loads, too. Every text must be a literal, or `./run words` cannot find it.

type Values = Record<string, string | number>;

declare global {
  // eslint-disable-next-line no-var
  var lastmileWords: Readonly<Record<string, string | readonly string[]>> | undefined;
}

const known = globalThis.lastmileWords ?? {};

/** The tag for `Intl` formatters of days and times: en-GB, nl, de, fr or es. */
export function locale(): string {
  return (typeof document === "undefined" ? "" : document.documentElement.lang) || "en-GB";
}

/** The tag for `Intl` formatters of numbers and money: English writes "$5", not "US$5". */
export function numberLocale(): string {
  return locale().startsWith("en") ? "en" : locale();
}

function filled(text: string, values: Values | undefined): string {
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(numberLocale()) : value;
  });
}

/** The text in the page's language; `{names}` are filled with `values`, numbers as the language writes them. */
export function t(text: string, values?: Values): string {
  const said = known[text];
  return filled(typeof said === "string" ? said : (said?.[0] ?? text), values);
}

/** Which of the forms for one and for many a number takes; French says "0 arrêt". */
function formOf(count: number): number {
  return new Intl.PluralRules(locale()).select(count) === "one" ? 0 : 1;
}

/** The text for `count` things; `{count}` is the number as the language writes it. */
export function n(one: string, many: string, count: number, values?: Values): string {
  const form = formOf(count);
  const said = known[one];
  const text = Array.isArray(said) ? said[form] : undefined;
  return filled(text ?? (form === 0 ? one : many), { count, ...values });
}

/** The text itself, for a table of words: `t(…)` says it where it is shown. */
export function mark(text: string): string {
  return text;
}
