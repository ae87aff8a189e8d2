// What the editor asks before text could be lost.

import { pathFault, splitPath, withoutHome } from "../../lib/paths.js";
import { conflictQuestion, findConflicts } from "../../lib/upload-conflicts.js";
import { askText, chooseAction, confirmAction } from "../dialog/dialog.js";

const SAVE_AS = { value: "save-as", label: "Save as …" };
const RELOAD = { value: "reload", label: "Show theirs" };

function question(found, name) {
  if (found === "gone") {
    return {
      title: `${name} is gone`,
      text: "It was deleted or renamed since it was opened here.",
      choices: [SAVE_AS, { value: "overwrite", label: "Make it again", look: "primary" }],
    };
  }
  const [title, text] =
    found === "made"
      ? [`There is a ${name} already`, "Somebody made a file of that name since this one was begun."]
      : [`${name} was changed elsewhere`, "It was saved from another place since it was opened here."];
  return {
    title,
    text: `${text} Overwrite replaces that by your text. Show theirs opens that; Undo brings your own text back.`,
    choices: [SAVE_AS, RELOAD, { value: "overwrite", label: "Overwrite", look: "danger" }],
  };
}

/** Ask what to do about a file that is not as it was opened: "overwrite", "reload", "save-as", or "" for nothing. */
export function askAboutConflict(found, name) {
  return chooseAction({ ...question(found, name), keep: "Go on editing" });
}

/** Ask for another path in the home; returns it, or "" when the person thinks better of it. */
export async function askForPath(api, path) {
  const typed = await askText({
    title: "Save as",
    label: "Path in your home",
    value: path,
    action: "Save",
    faultOf: (value) => pathFault(withoutHome(value)),
  });
  const names = splitPath(withoutHome(typed ?? ""));
  const folder = names.slice(0, -1).join("/");
  const found = names.length > 0 ? await findConflicts({ api, folder, names: names.slice(-1) }) : [];
  const isSure = found.length === 0 || (await confirmAction(conflictQuestion(found, folder)));
  return isSure ? names.join("/") : "";
}

/** Ask whether to go to another file although this one has unsaved text. */
export function confirmLeave(name) {
  return confirmAction({
    title: `Leave ${name}?`,
    text: "Its unsaved text stays in this browser and is there when you open the file again.",
    action: "Leave",
    keep: "Stay",
  });
}
