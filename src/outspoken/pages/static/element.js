/**
 * The element <outspoken-thread>: the discussion of a page, in that page. It is read here, as HTML like all the rest;
 * whoever wants to act does so in a frame of ours, into which this page can't see.
 */

import { actingOn } from "./acting.js";
import { countingOn } from "./counting.js";
import sheet from "./embed.css" with { type: "css" };
import { asking, read } from "./fetching.js";
import { focusOn, holdStill, listOf } from "./merging.js";
import { beginReading, numberIn } from "./reading.js";

const QUOTE_LENGTH = 500;

/** Lay out what is further down than a screen after the next picture, a few comments at a time. @param {Element} part */
function layOutLater(part) {
  [...part.querySelectorAll("li[id]")].slice(innerHeight / 80).forEach(({ classList }, place) => {
    classList.add("past");
    requestAnimationFrame(() => setTimeout(() => classList.remove("past"), 3 * place));
  });
}

/**
 * @param {string} server the origin this script came from
 * @returns {CustomElementConstructor} the element whose discussions live there
 */
export function elementFor(server) {
  const count = countingOn(server);
  document.adoptedStyleSheets.push(sheet);
  return class OutspokenThread extends HTMLElement {
    static observedAttributes = ["site", "url", "identifier", "sort", "lang", "theme"];
    /** @type {import("./reading.js").Reading | undefined} */ #reading;
    #acting = actingOn(server, () => this.style.colorScheme, (done) => this.#done(done).catch(() => {}));
    #ending = new AbortController();
    /** What was asked for last: it may be overtaken by what was asked for before. */
    #address = "";

    connectedCallback() {
      const { signal } = (this.#ending = new AbortController());
      if (this.hasAttribute("count")) return void this.reload().catch(() => {});
      this.addEventListener("click", (event) => this.#clicked(event), { signal });
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#applyTheme(), { signal });
      this.#applyTheme();
      const root = /** @type {HTMLElement | null} */ (this.querySelector(".discussion"));
      // What was put into the page when it was built is read at once; whether there is more is asked later.
      if (root) this.#begin(root);
      else this.classList.add("waiting");
      const begin = () => {
        watch.disconnect();
        (this.#reading?.update(0) ?? this.reload()).catch(() => {});
      };
      const watch = new IntersectionObserver(([it]) => it.isIntersecting && begin(), { rootMargin: "800px 0px" });
      signal.addEventListener("abort", () => watch.disconnect());
      // Whoever comes for one comment has to be led to it. In a page that is only made ready nothing is ever near.
      if (this.getAttribute("loading") === "eager" || location.hash.includes("outspoken-c")) begin();
      else watch.observe(this);
    }

    disconnectedCallback() {
      this.#ending.abort();
      this.#acting.close();
      this.#reading?.end();
      this.#reading = undefined;
      this.#address = "";
    }

    /** @param {string} name @param {string | null} before @param {string | null} now */
    attributeChangedCallback(name, before, now) {
      if (name === "theme") this.#applyTheme();
      else if (before !== now && (this.#address || this.#reading)) this.reload();
    }

    /**
     * Read the discussion anew, or how many comments it has.
     * @param {number} [version] no older than this
     */
    async reload(version) {
      const { signal } = this.#ending;
      const canonical = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=canonical]"));
      const [site, identifier, sort] = ["site", "identifier", "sort"].map((name) => this.getAttribute(name));
      const { href } = new URL(this.getAttribute("url") ?? canonical?.href ?? location.href, document.baseURI);
      const [url] = href.split("#");
      const address = (this.#address = this.#at("/embed/thread", { site, url, identifier, sort, version }));
      if (this.hasAttribute("count")) {
        const number = await count(site ?? "", url);
        this.textContent = `${number}`;
        return this.#tell("count", { count: number });
      }
      const root = await read(address, signal).catch((trouble) => trouble);
      // The room that was kept free is given back where nobody sees what then moves up, or is surprised by it.
      if (this.getBoundingClientRect().top > innerHeight) this.classList.remove("waiting");
      // Without an answer stays what stood in the element: what its owner has put there.
      if (root && address === this.#address) this.#show(root);
      addEventListener("pointerdown", () => this.classList.remove("waiting"), { signal });
    }

    /** Go to a comment and mark it. @param {number} number */
    async show(number) {
      await this.#reading?.show(number);
    }

    /** @param {string} path @param {Record<string, string | number | null | undefined>} query */
    #at(path, query) {
      const lang = this.lang || document.documentElement.lang || navigator.language;
      return asking(new URL(path, server), { ...query, lang });
    }

    /** @param {Record<string, string | number | undefined>} query @returns a window of the discussion that is shown */
    #read(query) {
      const { thread, sort } = this.#reading?.root.dataset ?? {};
      return read(this.#at(`/embed/t/${thread}`, { sort, ...query }), this.#ending.signal);
    }

    /** @param {HTMLAnchorElement} link to a page of ours @returns what of it is put into this page */
    #behind({ href }) {
      const { pathname, searchParams } = new URL(href);
      return this.#read({ ...Object.fromEntries(searchParams), parent: pathname.split("/")[3] });
    }

    /** @param {HTMLElement} root */
    #show(root) {
      this.#acting.close();
      this.#reading?.end();
      this.replaceChildren(root);
      if (!location.hash) layOutLater(root);
      this.#begin(root);
    }

    /** @param {HTMLElement} root */
    #begin(root) {
      const { thread = "", count = 0 } = root.dataset;
      this.#reading = thread
        ? beginReading(root, {
            mark: "outspoken-c",
            server,
            again: (version) => this.#read({ version }),
            bring: async (comment) => this.#reading?.take(await this.#read({ comment })),
            counted: (now) => this.#tell("count", { count: now }),
          })
        : undefined;
      this.#tell("ready", { thread, count: +count });
    }

    /** @param {string} name @param {object} detail */
    #tell(name, detail) {
      this.dispatchEvent(new CustomEvent(`outspoken:${name}`, { bubbles: true, detail }));
    }

    /** @param {MouseEvent} event */
    #clicked(event) {
      const link = /** @type {Element} */ (event.target).closest("a");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
      const { act } = link.dataset;
      const number = numberIn(link.getAttribute("href") ?? "");
      const way = link.closest(".sorts, .pager, .more")?.className;
      /** @type {Promise<unknown> | undefined} */
      let begun;
      // The way to a comment isn't a step in the page's history.
      if (number && this.#reading) begun = this.show(number);
      else if (link.origin !== server) return;
      // In a page without an origin no frame of ours may stand: what acts is opened beside it.
      else if (act && origin === "null") return void (link.target = "_blank");
      else if (act) this.#act(link, act);
      else if (way === "sorts") begun = this.#sort(link);
      else if (way) begun = this.#extend(link);
      else return;
      event.preventDefault();
      // If it can't be had here, it can be had on our own page.
      begun?.catch(() => this.#ending.signal.aborted || location.assign(link.href));
    }

    /** @param {HTMLAnchorElement} link @param {string} act */
    #act(link, act) {
      const article = link.closest("article");
      const chosen = /** @type {Selection} */ (getSelection());
      const isQuoted = act === "reply" && article?.querySelector(".body")?.contains(chosen.anchorNode);
      this.#acting.open(link, article ?? link.closest(".bar") ?? link, {
        quote: isQuoted ? `${chosen}`.trim().slice(0, QUOTE_LENGTH) : "",
        title: act === "write" ? this.title || document.title : "",
        lang: this.#reading?.root.lang ?? "",
      });
    }

    /** @param {import("./acting.js").Done} done */
    async #done({ act, number, version, state }) {
      this.#tell("comment", { act, number, state });
      const isShown = state === "published";
      // What nobody has answered goes without a trace.
      const gone = act === "delete" && this.querySelector(`#outspoken-c${number}:not(:has(ol, .more))`);
      if (gone) {
        // The focus goes back to it, and it comes into sight, before both go on to its neighbour.
        this.#acting.close();
        if (gone.contains(document.activeElement)) focusOn(gone.previousElementSibling ?? gone.parentElement?.closest("li"));
        gone.remove();
      }
      await (this.#reading?.update(version) ?? this.reload(version));
      // What isn't shown is explained in the frame, and what becomes of a report.
      if (act === "delete" || (isShown && act !== "report")) this.#acting.close();
      if (/write|reply|edit/.test(act) && isShown) await this.show(number);
    }

    /** @param {HTMLAnchorElement} link */
    async #sort(link) {
      this.#show(await this.#behind(link));
      /** @type {HTMLElement | null} */ (this.querySelector("[aria-current]"))?.focus({ preventScroll: true });
    }

    /** @param {HTMLAnchorElement} link put another window before or after the one that is shown, or below a comment */
    async #extend(link) {
      const root = await this.#behind(link);
      this.#reading?.prepare(root);
      const list = /** @type {Element} */ (listOf(root));
      for (const item of [...list.children]) if (this.querySelector(`#${item.id}`)) item.remove();
      const further = /** @type {HTMLAnchorElement | null} */ (root.querySelector(`[rel=${link.rel || "next"}]`));
      const place = /** @type {Element} */ (link.closest(".pager, .more"));
      const isEarlier = link.rel === "prev";
      // What comes above has to have its height at once, or what is read would move.
      if (!isEarlier) layOutLater(list);
      holdStill(this, () => {
        // A window stays a list of its own, so that a browser can pass over it as a whole once another follows.
        if (list.children[0]) {
          (isEarlier ? list : place.previousElementSibling)?.classList.add("past");
          place[isEarlier ? "after" : "before"](list);
        }
        if (further) link.href = further.href;
        else place.remove();
      });
      focusOn(list.children[0]);
    }

    #applyTheme() {
      // Light words mean a dark page, whether or not it says so. Our style makes their colour `oklab(…)`, which begins with its lightness.
      const lightness = parseFloat(getComputedStyle(this).outlineColor.slice(6));
      this.style.colorScheme = this.getAttribute("theme")?.replace("auto", "") || (lightness > 0.65 ? "dark" : "light");
      this.#acting.tellTheme();
    }
  };
}
