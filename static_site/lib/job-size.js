// How large a job is: ranks and threads on nodes, and what its queue allows.

import { toSeconds } from "./run-time.js";

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function whole(value) {
  const text = String(value ?? "").trim();
  return /^[1-9]\d{0,8}$/u.test(text) ? Number(text) : null;
}

/** Return the queue of that name, else the default one, else undefined. */
export function queueOf(system, name) {
  const queues = system?.queues ?? [];
  return queues.find((queue) => queue.name === name) ?? queues.find((queue) => queue.default) ?? queues[0];
}

/** Return what a queue allows, as pairs to show: `[["Nodes", "at most 2"], …]`; what has no limit is left out. */
export function limitsOf(queue) {
  const pairs = [
    ["Nodes", queue?.max_nodes],
    ["Processors on a node", queue?.max_processors],
    ["Run time", queue?.max_run_time],
    ["Memory on a node", queue?.max_memory],
  ];
  return pairs.filter(([, most]) => most).map(([name, most]) => [name, `at most ${most}`]);
}

/**
 * Return how a job lies on its nodes, or null while its numbers are none.
 *
 * Ranks are spread evenly; a node needs processors for the ranks that lie on it, each with its threads.
 */
export function sizeOf(values) {
  const [ranks, threads, nodes] = [values.ranks ?? 1, values.threads ?? 1, values.nodes ?? 1].map(whole);
  if (!ranks || !threads || !nodes) {
    return null;
  }
  const ranksOnNode = Math.ceil(ranks / nodes);
  return { ranks, threads, nodes, ranksOnNode, processors: ranksOnNode * threads };
}

/** Return the size of a job in words: `4 ranks × 2 threads: 2 nodes × 4 processors.` */
export function sizeText(values) {
  const size = sizeOf(values);
  if (!size) {
    return "";
  }
  const { ranks, threads, nodes, processors } = size;
  const parts = [ranks > 1 && count(ranks, "rank"), threads > 1 && count(threads, "thread")].filter(Boolean);
  const each = parts.length === 2 ? " each" : "";
  const what = parts.length === 0 ? "One process with one thread" : parts.join(" × ") + each;
  return `${what}: ${count(nodes, "node")} × ${count(processors, "processor")}.`;
}

function processorsFault(size, queue) {
  const { ranks, threads, ranksOnNode, processors } = size;
  if (!queue.max_processors || processors <= queue.max_processors) {
    return {};
  }
  const room = `queue ${queue.name} has ${count(queue.max_processors, "processor")} on a node`;
  if (ranks === 1 || threads > queue.max_processors) {
    return { threads: `${count(threads, "thread")} need as many processors on one node; ${room}.` };
  }
  const each = threads > 1 ? ` with ${count(threads, "thread")} each` : "";
  return { ranks: `${count(ranksOnNode, "rank")} on a node${each} need ${processors} processors; ${room}.` };
}

/** Return the megabytes of an amount such as `4GB`, or null when it is none. */
export function toMegabytes(text) {
  const parts = /^(\d{1,7}(?:\.\d{1,3})?) ?([MGT])B?$/iu.exec(String(text ?? "").trim());
  const factor = { M: 1, G: 1024, T: 1024 * 1024 };
  const megabytes = parts ? Math.round(Number(parts[1]) * factor[parts[2].toUpperCase()]) : 0;
  return megabytes > 0 ? megabytes : null;
}

/** Return what is wrong with an amount of memory in itself, or "". */
export function memoryFault(text) {
  return toMegabytes(text) === null ? "Write an amount such as 4GB or 512MB." : "";
}

/** Return where a job asks for more than the queue gives, but for processors. */
function queueFaults(values, queue) {
  const faults = {};
  if (queue.max_nodes && whole(values.nodes) > queue.max_nodes) {
    faults.nodes = `Queue ${queue.name} gives a job at most ${count(queue.max_nodes, "node")}.`;
  }
  const most = toSeconds(queue.max_run_time);
  if (most && toSeconds(values.run_time) > most) {
    faults.run_time = `Queue ${queue.name} ends jobs after ${queue.max_run_time}.`;
  }
  const memory = toMegabytes(queue.max_memory);
  if (memory && toMegabytes(values.memory) > memory) {
    faults.memory = `Queue ${queue.name} has ${queue.max_memory} on a node.`;
  }
  return faults;
}

/** Return where a job is larger than its queue: `{field: sentence}`; fields that are no numbers are left alone. */
export function sizeFaults(values, queue) {
  const faults = queue ? queueFaults(values, queue) : {};
  const size = sizeOf(values);
  if (!size || !("ranks" in values)) {
    return faults;
  }
  if (size.ranks > 1 && values.launcher === "") {
    faults.ranks = `Nothing would start ${size.ranks} ranks: choose what the program is started by.`;
  } else if (size.ranks < size.nodes) {
    faults.ranks = `${count(size.nodes, "node")} need at least ${count(size.nodes, "rank")}, one on each.`;
  }
  return { ...(queue ? processorsFault(size, queue) : {}), ...faults };
}
