// What the terminal page says, as a function of the record, the connection and what was asked for.

import { formatDuration } from "./format.js";

const TONES = { READY: "good", PENDING: "quiet", SUBMITTED: "busy", STOPPED: "quiet", ERROR: "bad" };
const SENTENCES = {
  NONE: "You have no terminal yet. Start one: it takes a few seconds.",
  PENDING: "Your terminal has not been started yet.",
  SUBMITTED: "Your terminal is being started.",
  READY: "Your terminal is ready.",
  STOPPED: "Your terminal is stopped. Your files are kept.",
  ERROR: "Your terminal could not be started. Start it again; if it fails again, tell the operator.",
};
const ASKING = {
  START: "Your terminal is being started.",
  RESTART: "Your terminal is being started anew. Your files are kept.",
  STOP: "Your terminal is being stopped.",
};
const STEPS = ["Asked for a terminal", "Starting it on the host", "Connecting to it"];
const STEPS_IN_LINE = ["Asked for a terminal", "Waiting in line", "Starting it on the host", "Connecting to it"];
const NEXT = "Your files are kept. Press Start for a new one.";

/** True when there is no room yet and this terminal has a place in line. */
export function isInLine(record) {
  return record?.status === "PENDING" && (Boolean(record.queued) || record.position > 0);
}

function lineSentence({ position }) {
  const place = position > 1 ? `You are number ${position} in line.` : position === 1 ? "You are next in line." : "You are in line.";
  return `No place is free for you yet. ${place} Your terminal starts by itself when there is room.`;
}

/** Return what the end of the shell means and what to do next. */
export function exitSentence({ exitStatus, reason }, { idleSeconds = 0, mostSeconds = 0 } = {}) {
  const after = (words, seconds) => (seconds > 0 ? ` ${words} ${formatDuration(seconds * 1000)}` : "");
  switch (reason) {
    case "idle":
      return `Your terminal was ended because nothing happened in it${after("for", idleSeconds)}. ${NEXT}`;
    case "age":
      return `Your terminal was ended because it reached the greatest age that is allowed${after("here:", mostSeconds)}. ${NEXT}`;
    case "stopped":
      return `Your terminal was stopped. ${NEXT}`;
    default:
      return exitStatus ? `The shell ended with status ${exitStatus}. ${NEXT}` : `The shell has ended. ${NEXT}`;
  }
}

/** Return the question to ask before a command that ends what runs, or null. */
export function questionBefore(command, record) {
  const rest = { text: "What runs in it ends. Your files are kept.", keep: "Let it run" };
  if (command === "RESTART") {
    return { title: "Restart the terminal?", action: "Restart it", ...rest };
  }
  const isEnding = command === "STOP" && record?.status === "READY";
  return isEnding ? { title: "Stop the terminal?", action: "Stop it", ...rest } : null;
}

function stepsOf({ record, asked, phase }) {
  const status = record?.status ?? "";
  const mark = (steps, at) =>
    steps.map((text, index) => ({ text, mark: index < at ? "done" : index === at ? "now" : "" }));
  if (asked === "STOP") {
    return [];
  }
  if (isInLine(record)) {
    return mark(STEPS_IN_LINE, 1);
  }
  if (status === "READY" && !asked) {
    return phase === "asking" || phase === "connecting" ? mark(STEPS, 2) : [];
  }
  if (status === "SUBMITTED") {
    return mark(STEPS, 1);
  }
  return asked ? mark(STEPS, 0) : [];
}

function connectionOf(connection, terms) {
  switch (connection.phase) {
    case "open":
      return { tone: "good", text: "Connected" };
    case "asking":
    case "connecting":
      return { tone: "busy", text: "Connecting …" };
    case "waiting":
      return { tone: "bad", text: `${connection.message} Trying again by itself (attempt ${connection.attempt}).` };
    case "refused":
      return { tone: "bad", text: connection.message };
    case "ended":
      return { tone: "quiet", text: exitSentence(connection, terms) };
    default:
      return { tone: "quiet", text: "Not connected" };
  }
}

function chipOf({ record, asked, isEnded }) {
  const status = record?.status ?? "";
  if (asked) {
    return { chip: asked === "STOP" ? "STOPPING" : "SUBMITTED", tone: "busy" };
  }
  if (isInLine(record)) {
    return { chip: "IN LINE", tone: "busy" };
  }
  if (status === "NONE" || status === "PENDING") {
    return { chip: "NOT STARTED", tone: "quiet" };
  }
  if (status === "READY" && isEnded) {
    return { chip: "STOPPED", tone: "quiet" };
  }
  return { chip: status || "…", tone: TONES[status] ?? "quiet" };
}

function sentenceOf({ record, asked, isEnded }) {
  if (asked) {
    return ASKING[asked];
  }
  if (isInLine(record)) {
    return lineSentence(record);
  }
  const status = record?.status === "READY" && isEnded ? "STOPPED" : (record?.status ?? "");
  const said = status === record?.status ? record.message : "";
  return said || SENTENCES[status] || "Asking for the state of your terminal …";
}

/**
 * Return what to show: chip, sentence, steps, connection line and which buttons can be pressed.
 *
 * `record` is the terminal as the service tells it, or null while it is not known;
 * `asked` is the command under way ("START", "STOP", "RESTART") or "";
 * `terms` are the limits of the terminal that is or was open.
 */
export function viewOf({ record, asked, connection, terms = {} }) {
  const { phase } = connection;
  const status = record?.status ?? "";
  const isEnded = phase === "ended";
  const isUp = status === "READY" && !isEnded;
  const isIdle = !asked && record !== null;
  const isComing = status === "SUBMITTED" || isInLine(record);
  const steps = stepsOf({ record, asked, phase });
  return {
    ...chipOf({ record, asked, isEnded }),
    sentence: sentenceOf({ record, asked, isEnded }),
    steps,
    isBusy: steps.length > 0 || asked !== "",
    isInLine: isInLine(record) && asked !== "STOP",
    connection: connectionOf(connection, terms),
    canStart: isIdle && !isUp && !isComing,
    canStop: isIdle && (isUp || isComing),
    canRestart: isIdle && (isUp || status === "ERROR" || status === "SUBMITTED"),
    canReconnect: isIdle && isUp && phase !== "asking" && phase !== "connecting",
    isOpen: phase === "open",
    hasScreen: isEnded || (isUp && phase !== "idle" && phase !== "gone"),
  };
}
