/** Bringing what has come into a discussion that somebody is reading: nothing that is read moves or goes away. */

/**
 * Bring the comments of a window into the discussion on the page.
 * @param {HTMLElement} root
 * @param {HTMLElement} fresh the same discussion as it is now
 * @returns {Element[]} the items that were added
 */
export function merge(root, fresh) {
  /** @type {Element[]} */
  const added = [];
  /** @param {Element} list @param {Element} news */
  const lists = (list, news) => {
    /** @type {Element | undefined} */
    let last;
    for (const item of [...news.children]) {
      const known = root.querySelector(`[id="${item.id}"]`);
      if (!known) {
        if (last) last.after(item);
        else list.prepend(item);
        added.push(item);
        last = item;
      } else if (known.parentElement === list) {
        items(known, item);
        last = known;
      }
    }
  };
  /** @param {Element} known @param {Element} item */
  const items = (known, item) => {
    const [old, now] = [known, item].map((it) => it.querySelector("article"));
    // What holds the focus stays, or whoever reads with the keyboard would fall out of the page.
    if (old && now && !old.isEqualNode(now) && !old.contains(document.activeElement)) old.replaceWith(now);
    const [list, news] = [known, item].map((it) => it.querySelector(":scope > details > ol"));
    if (list && news) lists(list, news);
    else if (news) {
      added.push(...news.children);
      known.append(/** @type {Element} */ (news.parentElement));
    }
  };

  if (!(Number(fresh.dataset.version) < Number(root.dataset.version))) {
    for (const name of ["version", "count"]) root.dataset[name] = fresh.dataset[name];
    const [heading, now] = [root, fresh].map((it) => it.querySelector("h2"));
    if (heading && now) heading.textContent = now.textContent;
  }
  const [list, news] = [root, fresh].map(listOf);
  if (list && news) lists(list, news);
  else if (news) {
    added.push(...news.children);
    root.querySelector(".empty")?.replaceWith(news);
  }
  return added;
}

/** @param {Element} root @returns {Element | null} the list of roots */
export function listOf(root) {
  return root.querySelector(":scope > ol");
}

/**
 * Change the page while whatever is read stays where it is on the screen.
 * @template Result
 * @param {Element} root
 * @param {() => Result} change
 * @returns {Result}
 */
export function holdStill(root, change) {
  const { left, width } = root.getBoundingClientRect();
  /** @type {Element | null | undefined} */
  let still;
  for (let down = 0; !still && down < innerHeight; down += 24) {
    still = document.elementFromPoint(left + width / 2, down)?.closest("li[data-number] > article");
  }
  const { style } = document.documentElement;
  const before = still?.getBoundingClientRect().top ?? 0;
  // The browser means to do the same, and both would be too much.
  style.overflowAnchor = "none";
  const result = change();
  if (still?.isConnected) scrollBy(0, still.getBoundingClientRect().top - before);
  requestAnimationFrame(() => (style.overflowAnchor = ""));
  return result;
}
