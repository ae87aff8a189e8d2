// How a file is indented, so that Tab goes on as it began.

const MAKEFILE = /^(?:gnu)?makefile$|\.(?:mk|mak)$/iu;
const USUAL = "    ";
const WIDTHS = new Set([2, 3, 4, 8]);
const MOST_LINES = 1000;

/** Return one step of indentation: a tab, or some blanks. */
export function indentOf(text, name = "") {
  if (MAKEFILE.test(name)) {
    return "\t";
  }
  let tabs = 0;
  let before = 0;
  const steps = new Map();
  for (const line of text.split("\n", MOST_LINES)) {
    const [, blanks, first] = /^( *)(.?)/u.exec(line);
    if (first === "\t" && blanks === "") {
      tabs += 1;
    } else if (first !== "" && first !== "\t") {
      const step = blanks.length - before;
      if (WIDTHS.has(step)) {
        steps.set(step, (steps.get(step) ?? 0) + 1);
      }
      before = blanks.length;
    }
  }
  const [width, count] = [...steps].sort(([, one], [, other]) => other - one)[0] ?? [0, 0];
  if (tabs > count) {
    return "\t";
  }
  return width > 0 ? " ".repeat(width) : USUAL;
}
