/**
 * What a reader's browser keeps of discussions, and nobody else: what was folded, whom the reader hid, how far they had
 * read. It lies in the storage of the page it is read in, where that page's scripts can see and change it, so it is
 * believed no more than anything that comes from outside.
 */

/**
 * @typedef {object} Kept
 * @property {number[]} folded numbers of comments whose replies are folded away
 * @property {string[]} hidden marks of authors whom the reader doesn't want to see
 * @property {number} seen the highest number that was shown
 * @property {number} before the highest number that was shown before this visit
 * @property {number} at the minute of the last look, since 1970
 */

const KEY = "outspoken";
const MOST_THREADS = 100;
/** Minutes after which coming back is another visit. */
const VISIT = 30;
/** Nothing is new on a first visit. */
export const NOTHING_NEW = 1e9;

/** @param {string} thread @returns {Kept} what is kept of a thread; asking may begin a visit */
export function keptOf(thread) {
  const at = Math.floor(Date.now() / 6e4);
  const { folded = [], hidden = [], seen = 0, before = NOTHING_NEW, at: last = at } = all()[thread] ?? {};
  return { folded: [...folded], hidden: [...hidden], seen: +seen, before: +(at - last < VISIT ? before : seen), at };
}

/** @param {string} thread @param {Kept} kept */
export function keep(thread, kept) {
  const { [thread]: _, ...others } = all();
  store(Object.fromEntries([...Object.entries(others).slice(1 - MOST_THREADS), [thread, kept]]));
}

/** Forget everything that is kept here. */
export function forget() {
  store({});
}

/** @returns {Record<string, Partial<Kept>>} */
function all() {
  try {
    return JSON.parse(localStorage[KEY]) ?? {};
  } catch {
    return {};
  }
}

/** @param {Record<string, Partial<Kept>>} threads */
function store(threads) {
  try {
    localStorage[KEY] = JSON.stringify(threads);
  } catch {
    // Refused or full: then nothing is remembered.
  }
}
