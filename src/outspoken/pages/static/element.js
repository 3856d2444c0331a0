/**
 * The element <outspoken-thread>: the discussion of a page, in that page. It is read here, as HTML like all the rest;
 * whoever wants to act does so in a frame of ours, into which this page can't see.
 */

import { actingOn } from "./acting.js";
import sheet from "./embed.css" with { type: "css" };
import { read } from "./fetching.js";
import { make } from "./making.js";
import { holdStill, listOf } from "./merging.js";
import { beginReading } from "./reading.js";

const QUOTE_LENGTH = 500;

/** @param {Document} document @returns {HTMLElement | null} */
const rootIn = (document) => document.querySelector("section.outspoken");

/**
 * @param {string} server the origin this script came from
 * @returns {CustomElementConstructor} the element whose discussions live there
 */
export function elementFor(server) {
  return class OutspokenThread extends HTMLElement {
    static observedAttributes = ["site", "url", "identifier", "sort", "lang", "theme"];
    /** @type {import("./reading.js").Reading | undefined} */ #reading;
    #acting = actingOn(server, () => this.style.colorScheme, (done) => this.#done(done));
    #ending = new AbortController();

    connectedCallback() {
      const { signal } = (this.#ending = new AbortController());
      if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
      this.addEventListener("click", (event) => this.#clicked(event), { signal });
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#applyTheme(), { signal });
      this.#applyTheme();
      const root = rootIn(/** @type {any} */ (this));
      // What was put into the page when it was built is read at once; whether there is more is asked later.
      if (root) this.#begin(root);
      else this.classList.add("waiting");
      const watch = new IntersectionObserver(([{ isIntersecting }]) => {
        // Whoever comes for one comment has to be led to it.
        if (!isIntersecting && this.getAttribute("loading") !== "eager" && !location.hash.includes("outspoken-c")) return;
        watch.disconnect();
        if (this.#reading) this.#reading.update(0).catch(() => {});
        else this.reload();
      }, { rootMargin: "800px 0px" });
      watch.observe(this);
      signal.addEventListener("abort", () => watch.disconnect());
    }

    disconnectedCallback() {
      this.#ending.abort();
      this.#acting.close();
      this.#reading?.end();
      this.#reading = undefined;
    }

    /** @param {string} name @param {string | null} before @param {string | null} now */
    attributeChangedCallback(name, before, now) {
      if (name === "theme") this.#applyTheme();
      else if (before !== now && this.#reading) this.reload();
    }

    /** Read the discussion anew. @returns {Promise<void>} */
    reload() {
      return this.#replace(this.#address());
    }

    /** Go to a comment and mark it. @param {number} number */
    async show(number) {
      await this.#reading?.show(number);
    }

    /** @returns {string} where the discussion of this page is read */
    #address() {
      const canonical = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=canonical]"));
      const [site, identifier, sort] = ["site", "identifier", "sort"].map((name) => this.getAttribute(name));
      const { href } = new URL(this.getAttribute("url") ?? canonical?.href ?? location.href, document.baseURI);
      return this.#at("/embed/thread", { site, url: href.split("#")[0], identifier, sort });
    }

    /** @param {string} path @param {Record<string, string | number | null | undefined>} query */
    #at(path, query) {
      const address = new URL(path, server);
      const lang = this.lang || document.documentElement.lang || navigator.language;
      for (const [name, value] of Object.entries({ ...query, lang })) if (value) address.searchParams.set(name, `${value}`);
      return address.href;
    }

    /** @param {Record<string, string | number>} query @returns {string} the window that is shown, or another of its thread */
    #window(query) {
      const { thread, sort } = this.#reading?.root.dataset ?? {};
      return this.#at(`/embed/t/${thread}`, { sort, ...query });
    }

    /** @param {HTMLAnchorElement} link to a page of ours @returns {Promise<HTMLElement>} what of it is put into this page */
    async #read({ href }) {
      const [, path, parent] = /(\/t\/\w+)\/?(\d*)/.exec(href) ?? [];
      const query = Object.fromEntries(new URL(href).searchParams);
      const root = rootIn(await read(this.#at(`/embed${path}`, { ...query, parent }), this.#ending.signal));
      if (!root) throw root;
      return root;
    }

    /** @param {string} address show what stands there instead of what is shown */
    async #replace(address) {
      const { signal } = this.#ending;
      const root = await read(address, signal).then(rootIn, () => null);
      // Without an answer stays what stood in the element: what its owner has put there.
      if (root) this.#show(root);
      // The room that was kept free is given back once nobody would see what then moves up.
      addEventListener("pointerdown", () => this.classList.remove("waiting"), { once: true, signal });
    }

    /** @param {HTMLElement} root */
    #show(root) {
      this.#acting.close();
      this.#reading?.end();
      this.replaceChildren(root);
      this.#begin(root);
    }

    /** @param {HTMLElement} root */
    #begin(root) {
      const { thread = "", count = 0 } = root.dataset;
      this.#reading = thread
        ? beginReading(root, {
            mark: "outspoken-c",
            server,
            address: (version) => this.#window({ version }),
            found: rootIn,
            bring: async (comment) => {
              const part = rootIn(await read(this.#window({ comment }), this.#ending.signal));
              if (part) this.#reading?.take(part);
            },
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
      if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
      const { act } = link.dataset;
      const number = link.hash.match(/^#outspoken-c(\d+)$/)?.[1];
      const way = link.closest(".sorts, .pager, .more")?.className;
      /** @type {Promise<unknown> | undefined} */
      let begun;
      // The way to a comment isn't a step in the page's history.
      if (number && this.#reading) begun = this.show(+number);
      else if (link.origin !== server) return;
      else if (act) this.#act(link, act);
      else if (way === "sorts") begun = this.#sort(link);
      else if (way === "pager") begun = this.#turn(link);
      else if (way === "more") begun = this.#more(link);
      else return;
      event.preventDefault();
      // If it can't be had here, it can be had on our own page.
      begun?.catch(() => this.#ending.signal.aborted || location.assign(link.href));
    }

    /** @param {HTMLAnchorElement} link @param {string} act */
    #act(link, act) {
      const article = link.closest("article");
      const chosen = getSelection();
      const isQuoted = act === "reply" && chosen?.anchorNode && article?.querySelector(".body")?.contains(chosen.anchorNode);
      this.#acting.open(link, article ?? link.closest(".bar") ?? link, {
        quote: isQuoted ? `${chosen}`.trim().slice(0, QUOTE_LENGTH) : "",
        title: act === "write" ? this.title || document.title : "",
        lang: this.#reading?.root.lang ?? "",
      });
    }

    /** @param {import("./acting.js").Done} done */
    async #done({ act, number, version, state }) {
      this.#tell("comment", { act, number, state });
      // What isn't shown is explained in the frame, and what becomes of a report.
      const isShown = state === "published";
      if (act === "delete" || (isShown && act !== "report")) this.#acting.close();
      // What nobody has answered goes without a trace.
      if (act === "delete") this.querySelector(`#outspoken-c${number}:not(:has(ol, .more))`)?.remove();
      if (!this.#reading) return this.#replace(`${this.#address()}&version=${version}`);
      await this.#reading.update(version);
      if (/write|reply|edit/.test(act) && isShown) await this.show(number);
    }

    /** @param {HTMLAnchorElement} link */
    async #sort(link) {
      const { textContent } = link;
      this.#show(await this.#read(link));
      for (const choice of this.querySelectorAll("a")) if (choice.textContent === textContent) choice.focus({ preventScroll: true });
    }

    /** @param {HTMLAnchorElement} link put another window before or after the one that is shown */
    async #turn(link) {
      const root = await this.#read(link);
      const items = this.#unknownOf(root);
      const reading = /** @type {import("./reading.js").Reading} */ (this.#reading);
      const further = root.querySelector(`.pager:has([rel=${link.rel}])`);
      holdStill(this, () => {
        listOf(reading.root)?.[link.rel === "prev" ? "prepend" : "append"](...items);
        link.closest(".pager")?.replaceWith(...(further ? [further] : []));
      });
      items[0]?.querySelector("article")?.focus({ preventScroll: true });
    }

    /** @param {HTMLAnchorElement} link put further replies below those that are shown */
    async #more(link) {
      const root = await this.#read(link);
      const items = this.#unknownOf(root);
      const next = /** @type {HTMLAnchorElement | null} */ (root.querySelector("[rel=next]"));
      let list = link.previousElementSibling;
      if (list?.localName !== "ol") link.before((list = make("ol", { role: "list" })));
      list.append(...items);
      if (next) link.href = next.href;
      else link.remove();
      items[0]?.querySelector("article")?.focus({ preventScroll: true });
    }

    /** @param {HTMLElement} root a window @returns {Element[]} those of its items that aren't on the page, ready for it */
    #unknownOf(root) {
      this.#reading?.prepare(root);
      return [...(listOf(root)?.children ?? [])].filter(({ id }) => !this.querySelector(`#${id}`));
    }

    #applyTheme() {
      const wanted = this.getAttribute("theme") ?? "auto";
      // Light words mean a dark page, whether or not it says so.
      const [red = 0, green = 0] = getComputedStyle(this.parentElement ?? this).color.match(/\d+/g) ?? [];
      this.style.colorScheme = wanted !== "auto" ? wanted : +red + +green > 255 ? "dark" : "light";
      this.#acting.tellTheme();
    }
  };
}
