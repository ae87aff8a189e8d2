// A comparison before it is made: the counts that are tried, and in words what will be done.

const MOST_COUNTS = 8;
// As many as the service takes.
const LARGEST = 9999;

/** Return the counts in a text such as `1 2 4`, each once and in order; what is no count is left out. */
export function readCounts(text) {
  const words = String(text ?? "").split(/[\s,;]+/u);
  const counts = words.filter((word) => /^[1-9]\d{0,6}$/u.test(word)).map(Number);
  return [...new Set(counts)].filter((count) => count <= LARGEST).sort((one, other) => one - other);
}

/** Return what is wrong with a text of counts, or "". */
export function countsFault(text) {
  const words = String(text ?? "")
    .split(/[\s,;]+/u)
    .filter(Boolean);
  if (words.some((word) => !/^[1-9]\d{0,6}$/u.test(word) || Number(word) > LARGEST)) {
    return "Write whole numbers from 1 with spaces between, such as 1 2 4.";
  }
  return new Set(words).size > MOST_COUNTS ? `At most ${MOST_COUNTS} counts in one comparison.` : "";
}

/** Return the text of counts with one put in or taken out. */
export function toggleCount(text, count) {
  const counts = readCounts(text);
  const others = counts.filter((each) => each !== count);
  return readCounts((others.length === counts.length ? [...counts, count] : others).join(" ")).join(" ");
}

/** Return the counts to offer as chips: powers of two up to what a queue has on all its nodes. */
export function offeredCounts(queue, nodes = 1) {
  const most = (queue?.max_processors ?? 16) * Math.max(1, nodes);
  const offered = [1, 2, 4, 8, 16, 32, 64].filter((count) => count <= most);
  return offered.includes(most) || most > 128 ? offered : [...offered, most];
}

/** Return the counts to begin with: 1, 2 and 4, as far as a node of the queue has them. */
export function usualCounts(queue) {
  return [1, 2, 4].filter((count) => count <= (queue?.max_processors ?? 4)).join(" ");
}

/** Return where the counts are more than a queue has, or "". */
export function countsLimit(text, queue, { nodes = 1, isRanks = false } = {}) {
  const most = Math.max(0, ...readCounts(text));
  const room = (queue?.max_processors ?? 0) * (isRanks ? nodes : 1);
  if (!room || most <= room) {
    return "";
  }
  const where = isRanks && nodes > 1 ? `on ${nodes} nodes` : "on a node";
  return `${most} ${isRanks ? "ranks" : "threads"} are more than queue ${queue.name} has ${where}: ${room} processors.`;
}

function listed(numbers) {
  return numbers.length < 2 ? numbers.join("") : `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;
}

/** Return in sentences what a comparison will do, for people. */
export function textOfPlan({ counts, repeats, launcher, serial_compile, parallel_compile, run_time }) {
  const tried = readCounts(counts);
  const times = /^[1-5]$/u.test(String(repeats).trim()) ? Number(repeats) : 1;
  if (tried.length === 0) {
    return "Choose at least one count.";
  }
  const compiled = [serial_compile && "the serial program", parallel_compile && "the parallel program"].filter(Boolean);
  const what = compiled.length === 2 ? "both programs" : compiled.join("");
  const first = what ? `Compiles ${what}. ` : "";
  const unit = launcher ? "rank" : "thread";
  const often = times === 2 ? "twice" : `${times} times`;
  const each = times > 1 ? `, each ${often}` : "";
  const runs = (tried.length + 1) * times;
  const sizes = `${listed(tried)} ${unit}${tried.length === 1 && tried[0] === 1 ? "" : "s"}`;
  return (
    `${first}Runs the serial program, then the parallel one with ${sizes}${each}: ${runs} runs. ` +
    `Then shows whether they print the same, how long they take, and the speed-up. All of it has to end within ${run_time}.`
  );
}
