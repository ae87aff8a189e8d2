// Run times as schedulers write them: HH:MM:SS.

const PATTERN = /^(\d{1,3}):([0-5]\d):([0-5]\d)$/u;
const QUICK = [
  [300, "5 min"],
  [600, "10 min"],
  [1800, "30 min"],
  [3600, "1 h"],
  [4 * 3600, "4 h"],
  [24 * 3600, "24 h"],
];

/** Return the seconds of `HH:MM:SS`, or null when it is not one. */
export function toSeconds(text) {
  const parts = PATTERN.exec(String(text ?? "").trim());
  return parts && Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3]);
}

/** Return seconds as `HH:MM:SS`. */
export function toRunTime(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
}

/** Return the easy choices up to a queue's longest run time: `[{value, label}]`, that time last. */
export function quickTimes(longest) {
  const most = toSeconds(longest);
  const times = QUICK.filter(([seconds]) => most === null || seconds < most);
  const choices = times.map(([seconds, label]) => ({ value: toRunTime(seconds), label }));
  return most ? [...choices, { value: toRunTime(most), label: "Longest" }] : choices;
}

/** Return what is wrong with a run time in itself, or "". */
export function runTimeFault(text) {
  const seconds = toSeconds(text);
  if (seconds === null) {
    return "Write hours:minutes:seconds, such as 00:10:00.";
  }
  return seconds === 0 ? "Give it more than no time at all." : "";
}
