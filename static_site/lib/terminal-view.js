// What the terminal page says, as a function of the record, the connection and what was asked for.

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

function stepOf({ status, asked, phase }) {
  if (asked === "STOP") {
    return -1;
  }
  if (status === "READY" && !asked) {
    return phase === "asking" || phase === "connecting" ? 2 : -1;
  }
  if (status === "SUBMITTED") {
    return 1;
  }
  return asked ? 0 : -1;
}

function connectionOf(connection) {
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
      return { tone: "quiet", text: exitSentence(connection.exitStatus) };
    default:
      return { tone: "quiet", text: "Not connected" };
  }
}

/** Return what the end of the shell means and what to do next. */
export function exitSentence(status) {
  const next = "Press Restart for a new shell; your files are kept.";
  return status ? `The shell ended with status ${status}. ${next}` : `The shell has ended. ${next}`;
}

/**
 * Return what to show: chip, sentence, steps, connection line and which buttons can be pressed.
 *
 * `record` is the terminal as the service tells it, or null while it is not known;
 * `asked` is the command under way ("START", "STOP", "RESTART") or "".
 */
export function viewOf({ record, asked, connection }) {
  const status = record?.status ?? "";
  const step = stepOf({ status, asked, phase: connection.phase });
  const isUp = status === "READY";
  const isIdle = !asked && record !== null;
  const chip = { START: "SUBMITTED", RESTART: "SUBMITTED", STOP: "STOPPING" }[asked] ?? (status === "NONE" ? "STOPPED" : status);
  return {
    chip: chip || "…",
    tone: asked ? "busy" : (TONES[status] ?? "quiet"),
    sentence: ASKING[asked] || record?.message || SENTENCES[status] || "Asking for the state of your terminal …",
    steps: step < 0 ? [] : STEPS.map((text, index) => ({ text, mark: index < step ? "done" : index === step ? "now" : "" })),
    isBusy: step >= 0 || asked !== "",
    connection: connectionOf(connection),
    canStart: isIdle && !isUp && status !== "SUBMITTED",
    canStop: isIdle && (isUp || status === "SUBMITTED"),
    canRestart: isIdle && (isUp || status === "ERROR" || status === "SUBMITTED"),
    canReconnect: isIdle && isUp && connection.phase !== "asking" && connection.phase !== "connecting",
    hasScreen: isUp && connection.phase !== "idle" && connection.phase !== "gone",
  };
}
