// The bytes of a text file and its text: what nobody changed is written as it was read.

/** What the editor opens at most, in bytes. */
export const MOST_BYTES = 2 * 1024 * 1024;

const MARK = "\ufeff";
const EXTENSIONS = new Set(
  (
    "asm awk bash bat c c++ cc cfg clang-format cmake conf cpp csh css csv cu cuf cuh cxx dat diff dot err f f03 f08 f77 f90 f95 for " +
    "fortran gdb gitignore gnuplot gp h h++ hh hpp html hxx i inc in inl ini inp ipynb ipp java jl js json log lua m m4 mak make " +
    "markdown md mk mod mpi nml omp out par patch pl plt ppm py r rb rs rst s sbatch sh slurm sql sub supp tcl tex text toml tsv txt " +
    "vim xml yaml yml zsh"
  ).split(" "),
);
const NAMES = /^(?:(?:gnu)?makefile|readme|license|licence|copying|authors|changelog|changes|news|todo|install|notes|dockerfile|\..*(?:rc|profile|aliases|history|logout))$/iu;
const C_FAMILY = /\.(?:c|h|i|inl|cc|cpp|cxx|c\+\+|hh|hpp|hxx|h\+\+|ipp|cu|cuh)$/iu;

/** True for a name that text usually has; what else is text opens all the same. */
export function isTextName(name) {
  return NAMES.test(name) || EXTENSIONS.has(name.split(".").slice(1).at(-1)?.toLowerCase());
}

/** True for a name that C, C++ or CUDA usually has. */
export function isOfC(name) {
  return C_FAMILY.test(name);
}

function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * Return `{text, shape}`, or null for bytes that are no text in UTF-8.
 *
 * Lines of the text end with "\n". Where all of the file end with "\r\n" the shape says so;
 * where only some do, their "\r" stays in the text, so that nothing is mended that nobody asked for.
 */
export function readText(bytes) {
  const decoded = decode(bytes);
  if (decoded === null || decoded.includes("\0")) {
    return null;
  }
  const hasMark = decoded.startsWith(MARK);
  const content = hasMark ? decoded.slice(MARK.length) : decoded;
  const isCrlf = content.includes("\r\n") && !/\r(?!\n)|(?<!\r)\n/u.test(content);
  const text = isCrlf ? content.replaceAll("\r\n", "\n") : content;
  return { text, shape: { hasMark, isCrlf } };
}

/** Return the bytes of a text in the shape that its file had. */
export function toBytes(text, { hasMark = false, isCrlf = false } = {}) {
  const content = isCrlf ? text.replaceAll("\n", "\r\n") : text;
  return new TextEncoder().encode(hasMark ? MARK + content : content);
}

/** Return a short name for bytes: others have another, but for people who try. */
export function digestOf(bytes) {
  let [one, other] = [0x811c9dc5, 0x9e3779b1];
  for (const byte of bytes) {
    one = Math.imul(one ^ byte, 0x01000193);
    other = Math.imul(other ^ byte, 0x5bd1e995) + 1;
  }
  const parts = [bytes.length, one >>> 0, other >>> 0];
  return parts.map((part) => part.toString(16)).join("-");
}
