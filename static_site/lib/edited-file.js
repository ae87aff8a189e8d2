// One text file of the home while it is edited: read it, see whether somebody else changed it, write it.

import { splitPath } from "./paths.js";
import { digestOf, MOST_BYTES, readText, toBytes } from "./text-file.js";
import { openDownload, uploadFile } from "./transfer.js";

const NOT_FOUND = 404;

/** Read at most `most` bytes of an answer; null where there are more. */
export async function readAtMost(response, most) {
  const said = Number(response.headers.get("Content-Length") ?? 0);
  if (said > most) {
    await response.body?.cancel();
    return null;
  }
  const pieces = [];
  let size = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) {
      return new Uint8Array(await new Blob(pieces).arrayBuffer());
    }
    pieces.push(value);
    size += value.length;
    if (size > most) {
      await reader.cancel();
      return null;
    }
  }
}

/**
 * A file and what is known of its content.
 *
 * `base` names the content that the text in the editor began with: "" for a file that was not there.
 * The platform has no "write only if", so `look` tells right before a write what would be lost.
 */
export class EditedFile {
  base = "";
  #api;
  #address;
  #fetch;
  #send;
  #shape = {};

  constructor({ api, address, path, fetch, send }) {
    this.#api = api;
    this.#address = address;
    // A kept copy would hide what others did.
    this.#fetch = (url, options) => fetch(url, { ...options, cache: "no-store" });
    this.#send = send;
    this.path = splitPath(path).join("/");
  }

  get name() {
    return splitPath(this.path).at(-1) ?? "";
  }

  get folder() {
    return splitPath(this.path).slice(0, -1).join("/");
  }

  /** Read the file anew: `{state: "text", text}`, or `state` is "new", "large" or "binary". */
  async open() {
    const found = await this.#read();
    if (found.state === "text" || found.state === "new") {
      this.base = found.base;
      this.#shape = found.shape;
    }
    return found;
  }

  /**
   * Return what became of the file since `base`: "same", "changed", "gone", or "made" where there was none.
   *
   * What holds the text that is to be written counts as the same: an upload may arrive although its answer is lost.
   */
  async look(text) {
    const { base } = await this.#read();
    if (base === this.base || base === digestOf(toBytes(text, this.#shape))) {
      return "same";
    }
    if (base === "") {
      return "gone";
    }
    return this.base === "" ? "made" : "changed";
  }

  /** Write the text, whatever is there. */
  async save(text, onProgress = () => {}) {
    const bytes = toBytes(text, this.#shape);
    await this.#upload(this.folder, this.name, bytes, onProgress);
    this.base = digestOf(bytes);
  }

  /** Write the text under another path and go on with that file. */
  async saveAs(path, text, onProgress = () => {}) {
    const names = splitPath(path);
    const bytes = toBytes(text, this.#shape);
    await this.#upload(names.slice(0, -1).join("/"), names.at(-1), bytes, onProgress);
    this.path = names.join("/");
    this.base = digestOf(bytes);
  }

  async #upload(folder, name, bytes, onProgress) {
    const file = new File([bytes], name, { type: "text/plain" });
    const send = this.#send ? { send: this.#send } : {};
    await uploadFile({ api: this.#api, base: this.#address, folder, file, onProgress, ...send });
  }

  async #read() {
    const response = await this.#download();
    if (response === null) {
      return { state: "new", text: "", base: "", shape: {} };
    }
    const bytes = await readAtMost(response, MOST_BYTES);
    if (bytes === null) {
      return { state: "large", base: "large" };
    }
    const found = readText(bytes);
    return found ? { state: "text", base: digestOf(bytes), ...found } : { state: "binary", base: digestOf(bytes) };
  }

  /** Return the answer whose body is the file, or null where there is none. */
  async #download() {
    const options = { api: this.#api, base: this.#address, path: this.path, fetch: this.#fetch };
    try {
      const { response } = await openDownload(options);
      return response;
    } catch (error) {
      if (error.status === NOT_FOUND) {
        return null;
      }
      throw error;
    }
  }
}
