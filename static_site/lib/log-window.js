// The part of a long text that a page holds: its end grows, its beginning is asked for when wanted.
//
// Texts come as pieces `{text, offset, next_offset, size}` of bytes that are counted by the service.

/** Bytes of one piece, as the service gives them at most. */
export const PIECE = 65_536;
const KEPT = 8 * PIECE;
// A character has four bytes at most, so that many may belong to one that began before a piece.
const MOST_CUT = 3;

/** Return the beginning of a text that has so many bytes, without a character that does not fit whole. */
function firstBytes(text, count) {
  const bytes = new TextEncoder().encode(text).slice(0, count);
  return new TextDecoder("utf-8").decode(bytes, { stream: true });
}

// Each byte of half a character comes as one sign of its own that stands for it.
function cutOf(text) {
  const signs = /^\uFFFD*/u.exec(text)[0].length;
  return signs <= MOST_CUT ? signs : 0;
}

/** Whole pieces of a text, in order and without a gap; owns what of it is kept. */
export class LogWindow {
  #pieces = [];
  #end = 0;

  /** The byte that the first character shown is at. */
  get start() {
    return this.#pieces[0]?.from ?? this.#end;
  }

  /** The byte that is to be read next. */
  get end() {
    return this.#end;
  }

  get isWhole() {
    return this.start === 0;
  }

  /** Begin at a byte of the text instead of its first: that of a whole character. */
  jump(offset) {
    this.#pieces = [];
    this.#end = offset;
  }

  /** True when more is held than a page shows well. */
  get isFull() {
    return this.#length > KEPT;
  }

  get #length() {
    return this.#pieces.reduce((sum, { text }) => sum + text.length, 0);
  }

  /** Put a piece at the end; returns its text as it is to be shown, or null when there is nothing new. */
  append({ text, offset, next_offset: next }) {
    if (offset !== this.#end || next <= offset) {
      return null;
    }
    this.#pieces.push({ from: offset, text });
    this.#end = next;
    return text;
  }

  /** Leave out pieces at the beginning while there are too many; returns how many. */
  trim() {
    let count = 0;
    while (this.isFull && this.#pieces.length > 1) {
      this.#pieces.shift();
      count += 1;
    }
    return count;
  }

  /**
   * Read what stands right before the beginning, with `read(offset)`, and put it there.
   *
   * Returns its text, or null when the beginning has become another one in the meantime.
   */
  async prepend(read) {
    const until = this.start;
    const from = Math.max(0, until - PIECE);
    let reached = from;
    let text = "";
    while (reached < until) {
      const piece = await read(reached);
      if (piece.next_offset <= reached) {
        break;
      }
      text += piece.next_offset > until ? firstBytes(piece.text, until - reached) : piece.text;
      reached = piece.next_offset;
    }
    if (this.start !== until) {
      return null;
    }
    const cut = from > 0 ? cutOf(text) : 0;
    this.#pieces.unshift({ from: from + cut, text: text.slice(cut) });
    return text.slice(cut);
  }
}
