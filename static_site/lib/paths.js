// Paths below the home, as the functions speak them: relative, with single slashes.

/** Return the names that a path consists of. */
export function splitPath(path) {
  return String(path ?? "")
    .split("/")
    .filter((name) => name !== "" && name !== ".");
}

/** Join a folder and a name. */
export function joinPath(folder, name) {
  return [...splitPath(folder), ...splitPath(name)].join("/");
}

/** Return the folder part of what has been typed so far: `src/he` is in `src`. */
export function folderOf(path) {
  return splitPath(path.endsWith("/") ? path : path.slice(0, path.lastIndexOf("/") + 1)).join("/");
}

/** Return the crumbs of a folder: `[{name, path}]`, the home first. */
export function crumbsOf(path) {
  const names = splitPath(path);
  const crumbs = names.map((name, index) => ({ name, path: names.slice(0, index + 1).join("/") }));
  return [{ name: "Home", path: "" }, ...crumbs];
}

/** Return a typed path without the home in front of it: `~/a.c` and `/home/ipt/a.c` are `a.c`. */
export function withoutHome(path) {
  return String(path).trim().replace(/^(?:~|\/home\/ipt)(?:\/|$)/u, "");
}

/** True for a name that file listings usually leave out. */
export function isHidden(name) {
  return name.startsWith(".");
}

/** Return why a name cannot be given to a file or folder, or "" when it can. */
export function nameFault(name) {
  if (name.trim() === "") {
    return "Give a name.";
  }
  if (name === "." || name === ".." || name.includes("/")) {
    return "A name has no slash in it and is neither . nor ..";
  }
  return /[\u0000-\u001f\u007f]/u.test(name) ? "A name has no control characters in it." : "";
}

/** Return why a path cannot be one of a file in the home, or "" when it can. */
export function pathFault(path) {
  const names = String(path).split("/").filter((name) => name !== "");
  if (names.length === 0 || path.endsWith("/")) {
    return "Give the name of a file.";
  }
  return names.map(nameFault).find((fault) => fault !== "") ?? "";
}
