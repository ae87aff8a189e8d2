// The terminal fills the window, and the screen where Esc can stay the shell's.

/** Return `{toggle}`; `changed(isFull)` is told of every change. */
export function makeFullScreen(changed) {
  const page = document;
  let isFull = false;

  const show = (isOn) => {
    isFull = isOn;
    page.body.classList.toggle("full", isOn);
    changed(isOn);
  };

  // A browser ends the real full screen at Esc, unless that key can be locked; without that the window is filled only.
  const enter = async () => {
    show(true);
    if (navigator.keyboard?.lock && page.fullscreenEnabled) {
      try {
        await page.documentElement.requestFullscreen();
        await navigator.keyboard.lock(["Escape"]);
      } catch {
        // The window is filled; that is what can be had here.
      }
    }
  };

  const leave = () => {
    show(false);
    navigator.keyboard?.unlock?.();
    if (page.fullscreenElement) {
      page.exitFullscreen().catch(() => {});
    }
  };

  page.addEventListener("fullscreenchange", () => {
    if (!page.fullscreenElement && isFull) {
      leave();
    }
  });
  return { toggle: () => (isFull ? leave() : enter()) };
}
