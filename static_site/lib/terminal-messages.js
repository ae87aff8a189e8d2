// What programs in the terminal tell the page through escape sequences: where they are, what they offer.
//
//   ESC ] 7 ; file://localhost/home/ipt/src BEL            the shell's folder
//   ESC ] 7337 ; download=<base64url of a path> BEL        `ipt-download` offers a file
//
// Any program can write these, and so can a file that is shown: nothing here is believed.

export const FOLDER_CODE = 7;
export const OFFER_CODE = 7337;
const HOME = "/home/ipt";
const MOST_CHARACTERS = 4096;
const FOLDER = /^file:\/\/(?:localhost)?(\/.*)$/su;
const OFFER = /^download=([A-Za-z0-9_-]+)=*$/u;
const CONTROLS = /\p{Cc}/u;
// Signs that are not seen or turn the direction of those around them: a name could look like another.
const UNUSUAL = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u3164\uffa0]/gu;

function isPlain(names) {
  return names.every((name) => name !== "" && name !== "." && name !== "..");
}

function decodePercent(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Return where the shell is: `{folder, isHome}`, the folder relative to the home; null for nonsense. */
export function readFolder(data) {
  const found = data.length <= MOST_CHARACTERS ? FOLDER.exec(data) : null;
  const path = found && decodePercent(found[1]);
  if (!path || CONTROLS.test(path)) {
    return null;
  }
  const trimmed = path.length > 1 ? path.replace(/\/$/u, "") : path;
  if (trimmed === HOME) {
    return { folder: "", isInHome: true };
  }
  const isInHome = trimmed.startsWith(`${HOME}/`);
  const folder = trimmed.slice(HOME.length + 1);
  if (isInHome && !isPlain(folder.split("/"))) {
    return null;
  }
  return isInHome ? { folder, isInHome } : { folder: "", isInHome };
}

function decodeBase64(text) {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Return the path that is offered, relative to the home; null for anything that is none. */
export function readOffer(data) {
  const found = data.length <= MOST_CHARACTERS ? OFFER.exec(data) : null;
  const path = found && decodeBase64(found[1]);
  return path && !CONTROLS.test(path) && isPlain(path.split("/")) ? path : null;
}

/** Return a name as it may be shown: what cannot be seen or turns the text around is spelled out. */
export function showUnusual(name) {
  return name.replace(UNUSUAL, (sign) => `\\u{${sign.codePointAt(0).toString(16).toUpperCase()}}`);
}
