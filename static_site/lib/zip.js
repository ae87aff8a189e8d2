// The outputs of a job as one zip that is made while it streams: nothing of it is held but what is on its way.

import { ApiError } from "./api-error.js";
import { listFolder } from "./folders.js";
import { openDownload } from "./transfer.js";

const MOST_FILES = 10_000;
/** A file of the zip itself that says what is not in it. */
export const NOTES_NAME = "NOT IN THIS ZIP.txt";

/** Return a name as every system can unpack it, and not outside of the folder that it is unpacked in. */
export function safeName(name) {
  const parts = name
    .split("/")
    // What Windows takes for a path, a device or nothing, and what no system shows.
    .map((part) => part.replaceAll(/[\\:*?"<>|\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/gu, "_").replace(/[. ]+$/u, "_"))
    .filter((part) => part !== "");
  return parts.join("/") || "_";
}

/** Gives names out, each one once; what two systems take for the same name is the same. */
export class Names {
  #taken = new Set();

  take(name) {
    const [, stem, ending] = /^(.+?)(\.[^./]*)?$/su.exec(name);
    let given = name;
    for (let number = 2; this.#taken.has(given.normalize("NFC").toLowerCase()); number += 1) {
      given = `${stem} (${number})${ending ?? ""}`;
    }
    this.#taken.add(given.normalize("NFC").toLowerCase());
    return given;
  }
}

/** Return every file below some entries: `[{path, name, size, modified}]`, names relative to where the entries lie. */
export async function listFiles({ api, entries, signal }) {
  const files = [];
  const open = entries.map((entry) => ({ entry, name: entry.name }));
  while (open.length > 0) {
    const { entry, name } = open.shift();
    if (entry.type !== "dir") {
      files.push({ path: entry.path, job: entry.job, name, size: entry.size, modified: entry.modified });
    } else {
      const inside = await listFolder({ api, path: entry.path, signal });
      open.push(...inside.map((each) => ({ entry: each, name: `${name}/${each.name}` })));
    }
    if (files.length + open.length > MOST_FILES) {
      throw new RangeError(`There are more than ${MOST_FILES} files. Download single folders from Files instead.`);
    }
  }
  return files;
}

/**
 * Makes one zip of files of the home; knows how far it is and what went otherwise than expected.
 *
 * `makeZip(entries)` turns an asynchronous iterable into a stream of bytes.
 */
export class ZipJob {
  #source;
  #makeZip;
  #now;
  done = 0;
  files = 0;
  notes = [];

  constructor({ api, base, fetch, makeZip, signal, now = () => new Date(), onProgress = () => {} }) {
    this.#source = { api, base, fetch, signal };
    this.#makeZip = makeZip;
    this.#now = now;
    this.onProgress = onProgress;
  }

  /** Return the stream of the zip. It fails when a file breaks off in the middle, or `signal` says so. */
  stream(files) {
    return this.#makeZip(this.#entries(files));
  }

  async *#entries(files) {
    const names = new Names();
    for (const file of files) {
      const name = names.take(safeName(file.name));
      const response = await this.#open(file);
      if (response) {
        this.#noteName(file.name, name);
        this.files += 1;
        yield { name, lastModified: this.#modified(file), input: this.#counted(file.name, response.body) };
      }
    }
    if (this.notes.length > 0) {
      yield { name: names.take(NOTES_NAME), lastModified: this.#now(), input: `${this.notes.join("\n")}\n` };
    }
  }

  #modified({ modified }) {
    const time = new Date(modified || Number.NaN);
    return Number.isNaN(time.getTime()) ? this.#now() : time;
  }

  #noteName(wanted, name) {
    if (name !== wanted) {
      this.notes.push(`${wanted} is called ${name} in the zip: two names would be the same on some systems, or not allowed.`);
    }
  }

  // A file that cannot even be begun is left out and told; one that breaks off breaks the zip.
  async #open(file) {
    try {
      return (await openDownload({ ...this.#source, path: file.path, job: file.job })).response;
    } catch (error) {
      if (this.#source.signal?.aborted || error.endsSession) {
        throw error;
      }
      const reason = error instanceof ApiError ? error.message : "The service could not be reached.";
      this.notes.push(`${file.name} is missing: ${reason}`);
      return null;
    }
  }

  async *#counted(name, body) {
    const reader = body.getReader();
    try {
      for (;;) {
        const { done, value } = await this.#read(name, reader);
        if (done) {
          return;
        }
        this.done += value.length;
        this.onProgress(this.done);
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }

  async #read(name, reader) {
    try {
      return await reader.read();
    } catch (error) {
      if (this.#source.signal?.aborted) {
        throw error;
      }
      const message = `${name} broke off while it was read, so there is no zip. Try again.`;
      throw new ApiError({ code: "offline", message });
    }
  }
}
