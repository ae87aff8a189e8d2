// Copies the text of an element; where the browser does not let the page, the text is marked for the person to copy.

/** Copy, and say what came of it in `place`, which is read aloud. */
export async function copyText(element, place) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    place.textContent = "Copied.";
  } catch {
    window.getSelection().selectAllChildren(element);
    place.textContent = "The text is marked: press Ctrl+C, or Command+C, to copy it.";
  }
  // Said again when the same button is pressed again.
  setTimeout(() => {
    place.textContent = "";
  }, 4000);
}
