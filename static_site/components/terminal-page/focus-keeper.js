// Keeps the keyboard focus in the page when what had it is disabled or hidden.

const CHOICES = ["#start", "#stop"];

/** Return `{around}`; `page` is the terminal page's element, `screen` its screen. */
export function makeFocusKeeper(page, screen) {
  const owner = page.ownerDocument;
  const box = page.querySelector("#screen-box");
  let isLost = false;
  let placed = null;

  const isNowhere = () => {
    const active = owner.activeElement;
    return active === null || active === owner.body || active.disabled || Boolean(active.closest("[hidden]"));
  };

  const settle = (hasComeUp) => {
    if (!isNowhere() && !(hasComeUp && owner.activeElement === placed)) {
      isLost = false;
    } else if (!box.hidden && (isLost || hasComeUp)) {
      isLost = false;
      screen.focus();
    } else if (isLost) {
      // While a command is under way nothing can be pressed: the next change looks again.
      placed = CHOICES.map((id) => page.querySelector(id)).find((button) => !button.disabled) ?? null;
      placed?.focus();
      isLost = placed === null;
    }
  };

  return {
    /** Change the page by `draw`; the focus goes to the screen when it comes up, else to what can be pressed. */
    around(draw) {
      const wasHidden = box.hidden;
      const had = !isNowhere();
      draw();
      isLost ||= had && isNowhere();
      settle(wasHidden && !box.hidden);
    },
  };
}
