// The same call for many things: some at a time, and every failure told.

const AT_ONCE = 4;

/** Run `task(item)` for each item; returns `{done, failed: [{item, error}]}`. The end of the session ends it all. */
export async function forAll(items, task, atOnce = AT_ONCE) {
  const open = [...items];
  const done = [];
  const failed = [];
  const work = async () => {
    while (open.length > 0) {
      const item = open.shift();
      try {
        await task(item);
        done.push(item);
      } catch (error) {
        failed.push({ item, error });
        if (error.endsSession) {
          open.length = 0;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, open.length) }, work));
  return { done, failed };
}

/** Return some names as a person lists them: `a, b and 3 more`. */
export function listNames(names, most = 3) {
  if (names.length <= most) {
    return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  }
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}
