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
  /** @param {Element} known the discussion or an item of it @param {Element} now the same as it is now */
  const renew = (known, now) => {
    const [old, article] = [known, now].map((it) => it.querySelector(":scope > article"));
    // What was gone to isn't new any more, and a menu that is open stays open.
    if (!known.matches(".new")) article?.querySelector(".fresh")?.remove();
    article?.querySelector(".acts")?.toggleAttribute("open", !!old?.querySelector("[open]"));
    if (old && article && !old.isEqualNode(article)) {
      // Or whoever reads with the keyboard would fall out of the page.
      const hadFocus = old.contains(document.activeElement);
      old.replaceWith(article);
      if (hadFocus) focusOn(known);
    }
    const [list, news] = [known, now].map(listOf);
    if (list) {
      /** @type {Element | undefined} */
      let last;
      for (const item of [...(news?.children ?? [])]) {
        const same = root.querySelector(`#${item.id}`);
        if (!same) {
          if (last) last.after(item);
          else list.prepend(item);
          added.push(item);
        } else if (known.contains(same)) renew(same, item);
        else continue;
        last = same ?? item;
      }
    } else if (news) {
      added.push(...news.children);
      // What led to them is done with.
      known.querySelector(":scope > .more")?.remove();
      known.append(news.closest("details") ?? news);
      // Whoever spoke first spoke to the whole.
      root.querySelector(".empty")?.replaceWith(news);
    }
  };

  /** @type {any[]} */
  const [told, news] = [root.dataset, fresh.dataset];
  if (+news.version >= +told.version) {
    told.version = news.version;
    told.count = news.count;
    const [heading, now] = [root, fresh].map((it) => it.querySelector("h2"));
    if (heading && now) heading.textContent = now.textContent;
  }
  renew(root, fresh);
  return added;
}

/** @param {Element} place a discussion or an item of it @returns {Element | null} the list of what answers it */
export function listOf(place) {
  return place.querySelector(":scope > ol, :scope > details > ol");
}

/** @param {Element | null | undefined} item whose comment is given the focus, where it stands */
export function focusOn(item) {
  item?.querySelector("article")?.focus({ preventScroll: true });
}

/** @param {Element} root @returns {Element | null | undefined} the first comment that can be seen */
export function firstSeen(root) {
  const { left, width } = root.getBoundingClientRect();
  /** @type {Element | null | undefined} */
  let article;
  for (let down = 0; !article && down < innerHeight; down += 24) {
    article = document.elementFromPoint(left + width / 2, down)?.closest("li[data-number] > article");
  }
  return article;
}

/**
 * Change the page while whatever is read stays where it is on the screen.
 * @template Result
 * @param {Element} root
 * @param {() => Result} change
 * @returns {Result}
 */
export function holdStill(root, change) {
  const still = firstSeen(root);
  const { style } = document.documentElement;
  const before = still?.getBoundingClientRect().top ?? 0;
  // The browser means to do the same, and both would be too much.
  style.overflowAnchor = "none";
  const result = change();
  if (still?.isConnected) scrollBy(0, still.getBoundingClientRect().top - before);
  requestAnimationFrame(() => (style.overflowAnchor = ""));
  return result;
}
