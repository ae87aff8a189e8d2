// Why a terminal's connection ended, and what that means for trying again (docs/terminal-protocol.md, Close codes).

const FINAL = {
  1009: "This page sent the terminal more than it takes. Reload the page; if it happens again, tell the operator.",
  4400: "The terminal did not understand this page. Reload the page.",
  4403: "The terminal does not accept connections from this site's address. Tell the operator.",
};
const SENTENCES = {
  1013: "Too many tabs have this terminal open. Close one of them.",
  4401: "The ticket was refused.",
  4408: "The connection took too long to open.",
  4429: "Too much was sent at once.",
};
const TICKET = 4401;
const REFUSED_TWICE = "The terminal refuses this page's tickets. Reload the page; if it happens again, tell the operator.";

/**
 * Return what a close means: `{kind: "ended" | "refused" | "renew" | "again", message}`.
 *
 * `renew` asks for a new ticket at once; a second refusal in a row (`wasRenewed`) is final.
 */
export function readClose({ code, said, isEnded, wasRenewed }) {
  if (isEnded || code === 1000) {
    return { kind: "ended", message: "" };
  }
  if (code in FINAL) {
    return { kind: "refused", message: FINAL[code] };
  }
  if (code === TICKET) {
    return wasRenewed ? { kind: "refused", message: REFUSED_TWICE } : { kind: "renew", message: said || SENTENCES[code] };
  }
  return { kind: "again", message: said || SENTENCES[code] || "The connection was lost." };
}
