// Programs ask terminals questions ("what are you?", "where is the cursor?") through their output.
// When old output is shown again, its questions have long been answered: a second answer would
// arrive at the shell as if it had been typed. These handlers swallow them while that is so.

const CSI_QUERIES = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { prefix: ">", final: "q" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { final: "t" },
];
const DCS_QUERIES = [
  { intermediates: "$", final: "q" },
  { intermediates: "+", final: "q" },
];
const COLOUR_QUERIES = [4, 10, 11, 12];

/** Swallow every question while `isMuted()`; returns the disposer. */
export function muteQueries(parser, isMuted) {
  const handles = [
    ...CSI_QUERIES.map((id) => parser.registerCsiHandler(id, () => isMuted())),
    ...DCS_QUERIES.map((id) => parser.registerDcsHandler(id, () => isMuted())),
    ...COLOUR_QUERIES.map((id) => parser.registerOscHandler(id, (data) => isMuted() && data.includes("?"))),
  ];
  return () => handles.forEach((handle) => handle.dispose());
}
