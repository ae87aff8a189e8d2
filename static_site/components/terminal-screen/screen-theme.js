// The emulator's colours, read from the variables of the style sheet in the scheme that the element has.

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** Call `task(value)`, where `value(name)` is a colour as an element in the terminal would show it. */
function withColours(element, task) {
  // Only a colour in use says which of its two it is.
  const probe = document.createElement("i");
  element.append(probe);
  const result = task((name) => {
    probe.style.color = `var(--terminal-${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return result;
}

function toHex(colour) {
  const parts = colour.match(/\d+/gu).slice(0, 3);
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
}

/** Return how the search addon marks what it finds; it understands `#rrggbb` only. */
export function readMarks(element) {
  return withColours(element, (value) => {
    const [ground, active, line] = ["match", "match-active", "match-line"].map((name) => toHex(value(name)));
    return {
      matchBackground: ground,
      matchBorder: line,
      matchOverviewRuler: line,
      activeMatchBackground: active,
      activeMatchBorder: line,
      activeMatchColorOverviewRuler: line,
    };
  });
}

/** Return xterm.js's theme for an element. */
export function readTheme(element) {
  return withColours(element, makeTheme);
}

function makeTheme(value) {
  const theme = {
    background: value("background"),
    foreground: value("foreground"),
    cursor: value("cursor"),
    cursorAccent: value("background"),
    selectionBackground: value("selection"),
  };
  for (const name of COLOURS) {
    theme[name] = value(name);
    theme[`bright${name[0].toUpperCase()}${name.slice(1)}`] = value(`bright-${name}`);
  }
  return theme;
}
