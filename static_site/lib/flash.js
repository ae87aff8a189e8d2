// A message that survives going to another page.

const KEY = "ipt.flash";

/** Keep a message for the next page; tone is `note`, `good` or `bad`. */
export function keepFlash(storage, tone, text) {
  storage.setItem(KEY, JSON.stringify({ tone, text }));
}

/** Take the kept message, or null. */
export function takeFlash(storage) {
  try {
    const flash = JSON.parse(storage.getItem(KEY));
    return flash && typeof flash.text === "string" ? flash : null;
  } catch {
    return null;
  } finally {
    storage.removeItem(KEY);
  }
}
