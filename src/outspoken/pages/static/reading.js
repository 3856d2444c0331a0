/**
 * Reading a discussion with comfort, in a page of ours as in anybody's: what is new, jumps, folding that is remembered,
 * news that wait until they are asked for. All of it is added to HTML that can be read without.
 */

import { follow } from "./following.js";
import { glance } from "./glancing.js";
import { forget, keep, keptOf, NOTHING_NEW } from "./keeping.js";
import { explainKeys, listenToKeys } from "./keys.js";
import { button, make, sayings } from "./making.js";
import { firstSeen, focusOn, holdStill, merge } from "./merging.js";
import { writeTimes } from "./times.js";

const ITEM = "li[data-number]";
const FOLDED = "details:not([open])";

/** @param {string} hash @returns {number} the comment that a part of an address names, 0 if it names none */
export const numberIn = (hash) => +(hash.match(/^#(?:outspoken-)?c(\d{1,9})$/)?.[1] ?? 0);

/**
 * @typedef {object} Place how a discussion stands in its page
 * @property {string} mark what stands before a comment's number in its id
 * @property {string} server
 * @property {(version: number) => Promise<HTMLElement>} again read the window that is shown anew, no older than a version
 * @property {(number: number) => unknown} bring bring a comment that isn't on the page
 * @property {(count: number) => void} counted hears how many comments there are
 */

/**
 * @typedef {object} Reading
 * @property {HTMLElement} root
 * @property {(number: number) => Promise<void>} show go to a comment, wherever it is, and mark it
 * @property {(version?: number) => Promise<Element[]>} update read the window again, at least as new as a version, and
 *   bring in what is new without moving what is read; gives the items that were added
 * @property {(window: HTMLElement) => Element[]} take bring in what a window has that isn't on the page
 * @property {(part: HTMLElement) => void} prepare add to a window what readers have on the page
 * @property {() => void} end let go of the discussion; its HTML stays
 */

/** @param {HTMLElement} root @param {Place} place @returns {Reading} */
export function beginReading(root, { mark, server, again, bring, counted }) {
  const ending = new AbortController();
  const { signal } = ending;
  const say = sayings(root);
  const told = /** @type {any} */ (root.dataset);
  const { thread } = told;
  const language = root.lang || document.documentElement.lang;
  const news = make("div", { class: "news", role: "status" });
  let kept = keptOf(thread);
  let due = 0;

  // A page that is only made ready hasn't been visited.
  const save = () => /** @type {any} */ (document).prerendering || keep(thread, kept);
  /** @param {Element} part @returns {HTMLElement[]} */
  const itemsIn = (part) => [.../** @type {NodeListOf<HTMLElement>} */ (part.querySelectorAll(ITEM))];

  /** @param {number} number @returns {HTMLElement | null} the comment's item, if it is on the page */
  const itemOf = (number) => root.querySelector(`#${mark}${number}`);

  /** @param {HTMLElement} item */
  const goTo = (item) => {
    item.classList.remove("new");
    for (let folded; (folded = item.closest(FOLDED)); ) folded.setAttribute("open", "");
    focusOn(item);
    item.scrollIntoView();
    // What lies above is laid out only now, and may be higher than was thought.
    requestAnimationFrame(() => item.scrollIntoView());
  };

  /** @type {Reading["show"]} */
  const show = async (number) => {
    if (!itemOf(number)) await bring(number);
    const item = itemOf(number);
    if (!item) return;
    root.querySelector(".marked")?.classList.remove("marked");
    item.classList.add("marked");
    item.querySelector("article .fresh")?.remove();
    goTo(item);
  };

  const arrive = () => {
    const number = numberIn(location.hash);
    if (number) show(number).catch(() => {});
  };

  /** @param {HTMLElement} item @param {boolean} isMuted */
  const mute = (item, isMuted) => {
    item.classList.toggle("muted", isMuted);
    const article = item.querySelector("article");
    article?.querySelector(".shown")?.remove();
    if (isMuted) article?.append(button(say.hidden, () => hide(item.dataset.author), { class: "tool shown" }));
  };

  /** @param {string} [author] hide what they say, or show it again */
  const hide = (author = "") => {
    const isHidden = kept.hidden.includes(author);
    kept.hidden = kept.hidden.filter((other) => other !== author);
    if (!isHidden) kept.hidden.push(author);
    save();
    // What was pressed is about to disappear.
    focusOn(currentItem());
    for (const item of itemsIn(root)) if (item.dataset.author === author) mute(item, !isHidden);
  };

  /** @type {Reading["prepare"]} */
  const prepare = (part) => {
    if (part !== root) writeTimes(part, language);
    for (const item of itemsIn(part)) {
      const number = +(item.dataset.number ?? 0);
      const { author } = item.dataset;
      const article = item.querySelector("article");
      if (!article) continue;
      article.tabIndex = -1;
      kept.seen = Math.max(kept.seen, number);
      if (kept.folded.includes(number)) item.querySelector(":scope > details")?.removeAttribute("open");
      if (number > kept.before) {
        item.classList.add("new");
        article.querySelector("header")?.append(" ", make("span", { class: "fresh" }, say.fresh));
      }
      if (author) {
        (article.querySelector(".acts") ?? article.querySelector("footer") ?? article).append(button(say.hide, () => hide(author), {}));
        if (kept.hidden.includes(author)) mute(item, true);
      }
    }
    save();
  };

  /** @type {Reading["take"]} */
  const take = (window) => {
    prepare(window);
    const added = holdStill(root, () => merge(root, window));
    if (+told.version >= due) teller.remove();
    counted(+told.count);
    return added;
  };

  /** @type {Reading["update"]} */
  const update = async (version = due) => take(await again(version));

  /** @returns {HTMLElement | null | undefined} the comment that has the focus, or else the one that is being read */
  const currentItem = () => /** @type {HTMLElement | null | undefined} */ ((document.activeElement?.closest(ITEM) ?? firstSeen(root))?.closest(ITEM));

  /**
   * Go to the next comment of a kind that isn't folded away.
   * @param {number} direction
   * @param {(item: Element) => unknown} [isMeant]
   */
  const step = (direction, isMeant = () => true) => {
    const items = itemsIn(root);
    const current = currentItem();
    // Whoever is at the head of the discussion begins with the first.
    let place = current && !document.activeElement?.closest(".bar") ? items.indexOf(current) : -1;
    do place += direction;
    while (items[place] && (!isMeant(items[place]) || items[place].closest(FOLDED)));
    if (items[place]) goTo(items[place]);
    return items[place];
  };

  // What was gone to is new no longer: whoever presses a button has left the comment they came to, and would come there again.
  const toNew = () => {
    const first = /** @type {HTMLElement | null} */ (root.querySelector(".new"));
    if (!first) {
      focusOn(currentItem());
      teller.remove();
      next.remove();
    } else if (!step(1, (item) => item.matches(".new"))) goTo(first);
  };

  const help = () =>
    explainKeys(root, say, () => {
      forget();
      kept = keptOf(thread);
    });

  // One button for all news.
  const teller = button("", () => {}, {});
  /** @param {string} text @param {() => void} deed */
  const announce = (text, deed) => {
    teller.textContent = text;
    teller.onclick = deed;
    news.append(teller);
  };

  const insert = async () => {
    // On a first visit nothing was new; from now on what comes is.
    if (kept.before === NOTHING_NEW) kept.before = kept.seen;
    const added = await update();
    if (added.length) {
      announce(say.next, toNew);
      teller.focus();
    } else {
      // It stands further on than this page goes.
      /** @type {HTMLElement | null} */ (root.querySelector(".sorts [href*=newest]"))?.click();
    }
  };

  prepare(root);
  // A browser's first look at how a language writes times takes as long as laying out a screen, which is more urgent.
  requestAnimationFrame(() => setTimeout(() => writeTimes(root, language)));
  const tools = make("div", { class: "tools" }, button("?", help, { class: "tool", "aria-label": say.title }));
  const next = button(say.next, toNew);
  if (root.querySelector(".new")) tools.prepend(next);
  root.querySelector(".bar")?.append(tools);
  root.append(news);

  root.addEventListener("toggle", ({ target }) => {
    const { parentElement, open } = /** @type {HTMLDetailsElement} */ (target);
    const number = +(parentElement?.dataset.number ?? 0);
    kept.folded = kept.folded.filter((folded) => folded !== number);
    if (number && !open) kept.folded.push(number);
    save();
  }, { capture: true, signal });
  glance(root, (link) => itemOf(numberIn(link.hash)), signal);
  listenToKeys(root, {
    j: () => step(1),
    k: () => step(-1),
    r: () => step(1, (item) => item.parentElement?.parentElement === root),
    n: toNew,
    p: () => {
      const parent = /** @type {HTMLElement | null | undefined} */ (currentItem()?.parentElement?.closest(ITEM));
      if (parent) goTo(parent);
    },
    x: () => currentItem()?.querySelector(":scope > details")?.toggleAttribute("open"),
    "?": help,
  }, signal);
  addEventListener("hashchange", arrive, { signal });
  document.addEventListener("prerenderingchange", save, { signal });
  follow(`${server}/api/v1/threads/${thread}`, ({ comments, version }) => {
    const more = comments - told.count;
    if (!(version > Math.max(due, told.version))) return;
    due = version;
    counted(comments);
    const form = say.arrived[new Intl.PluralRules(language).select(more)] ?? say.arrived.other;
    if (more > 0) announce(form.replace("%(num)s", more), insert);
  }, signal);
  signal.addEventListener("abort", () => {
    tools.remove();
    news.remove();
  });
  // Not before whoever began this knows of it.
  queueMicrotask(arrive);
  return { root, show, update, take, prepare, end: () => ending.abort() };
}
