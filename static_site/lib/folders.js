// Folders of the home, whole: page after page until there is no more.

const PAGE = 250;

/** Return every entry of a folder. */
export async function listFolder({ api, path, signal }) {
  const entries = [];
  for (;;) {
    signal?.throwIfAborted();
    const query = { path, limit: PAGE, offset: entries.length };
    const answer = await api.call("files", { path: "/files", query });
    entries.push(...answer.entries);
    if (!answer.more || answer.entries.length === 0) {
      return entries;
    }
  }
}
