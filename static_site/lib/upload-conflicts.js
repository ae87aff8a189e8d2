// Files that an upload would replace.

const PAGE = 250;
const MOST_PAGES = 8;

/**
 * Return those of `names` that are in the folder already.
 *
 * A folder that cannot be listed counts as empty: the upload itself will say what is wrong with it.
 */
export async function findConflicts({ api, folder, names }) {
  const wanted = new Set(names);
  const found = new Set();
  try {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = { path: folder, limit: PAGE, offset: page * PAGE };
      const { entries, more } = await api.call("files", { path: "/files", query });
      entries.filter(({ name, type }) => type === "file" && wanted.has(name)).forEach(({ name }) => found.add(name));
      if (!more) {
        break;
      }
    }
  } catch (error) {
    if (error.endsSession) {
      throw error;
    }
  }
  return names.filter((name) => found.has(name));
}

/** Return the question about them. */
export function conflictQuestion(names, folder) {
  const where = folder ? `~/${folder}` : "your home";
  const [first] = names;
  return names.length === 1
    ? { title: `Replace ${first}?`, text: `There is a file of that name in ${where}. Its content would be lost.`, action: "Replace" }
    : {
        title: `Replace ${names.length} files?`,
        text: `These are in ${where} already, and their content would be lost: ${names.join(", ")}.`,
        action: "Replace all",
      };
}
