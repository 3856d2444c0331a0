/**
 * For pages that were made for another system: shows our discussions where theirs stood, by the same addresses and
 * identifiers, and tells their owner in the console what to write instead. It takes the place of the other system's
 * script: <script src="https://talk.example/compat.js" data-site="NAME" async></script>
 */

import { countingOn } from "./counting.js";
import { elementFor } from "./element.js";

/** @typedef {{ url?: string, identifier?: string, title?: string, lang?: string, theme?: string }} Page */

/**
 * @typedef {object} System one that is left
 * @property {string} thread where a page of it has its discussion
 * @property {string} counters what in a page of it is filled in with how many comments there are
 * @property {(told: DOMStringMap, href: string) => (string | undefined)[]} counted by what names they may be known
 * @property {(place: HTMLElement, window: any) => Page} page what a page says of itself
 */

/** @param {string} href */
const pathOf = (href) => new URL(href).pathname;

/** @type {Record<string, System>} */
const SYSTEMS = {
  Disqus: {
    thread: "#disqus_thread",
    counters: 'a[href*="#disqus_thread"], .disqus-comment-count',
    counted: ({ disqusIdentifier, disqusUrl }, href) => [disqusIdentifier && `id:${disqusIdentifier}`, disqusUrl ?? href],
    page: (_, { disqus_config: configure, disqus_url: url, disqus_identifier: identifier, disqus_title: title }) => {
      // Whatever it calls is a list of callbacks, none of which is ever called here.
      const callbacks = new Proxy({}, { get: () => [] });
      /** @type {{ page: Page, callbacks: object, language?: string }} */
      const config = { page: { url, identifier, title }, callbacks };
      try {
        configure?.call(config);
      } catch (trouble) {
        console.warn("Outspoken couldn't go through all of disqus_config:", trouble);
      }
      return { ...config.page, lang: config.language };
    },
  },
  Commento: {
    thread: "#commento",
    counters: 'a[href*="#commento"]',
    counted: (_, href) => [href],
    // It names pages by their paths.
    page: () => ({ url: /** @type {HTMLElement | null} */ (document.querySelector("script[data-page-id]"))?.dataset.pageId }),
  },
  Isso: {
    thread: "#isso-thread",
    counters: 'a[href*="#isso-thread"]',
    counted: ({ issoId }, href) => [`id:${issoId ?? pathOf(href)}`, href],
    // Its exports know the path of a page, but not on which host it was.
    page: ({ dataset }) => ({
      identifier: dataset.issoId ?? location.pathname,
      title: dataset.title,
      lang: /** @type {HTMLElement | null} */ (document.querySelector("script[data-isso-lang]"))?.dataset.issoLang,
    }),
  },
  Remark42: {
    thread: "#remark42",
    counters: ".remark42__counter",
    counted: ({ url }, href) => [url ?? href],
    page: (_, { remark_config: { url, page_title: title, locale: lang, theme } = /** @type {any} */ ({}) }) => ({ url, title, lang, theme }),
  },
};

const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
const server = script?.src ? new URL(script.src).origin : "";
const site = script?.dataset.site ?? "";
const count = countingOn(server);

/** @param {string} name @param {System} system put ours where its discussion stood */
function replaceThread(name, system) {
  const place = /** @type {HTMLElement | null} */ (document.querySelector(system.thread));
  if (!place) return;
  const said = Object.entries({ site, ...system.page(place, window) }).filter(([, value]) => value);
  const attributes = Object.fromEntries(said.map(([attribute, value]) => [attribute, String(value)]));
  const ours = document.createElement("outspoken-thread");
  for (const attribute in attributes) ours.setAttribute(attribute, attributes[attribute]);
  place.replaceChildren(ours);
  const tag = said.map(([attribute, value]) => ` ${attribute}=${JSON.stringify(value)}`).join("");
  console.info(
    `Outspoken stands in for ${name} here. Instead of ${system.thread} and its scripts, write:\n` +
      `<outspoken-thread${tag}></outspoken-thread>\n<script src="${server}/embed.js" async></script>`,
  );
}

/** @param {System} system fill in how many comments its links lead to */
function fillCounters({ counters, counted }) {
  const filled = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(counters))].map(async (counter) => {
    const { href = location.href } = /** @type {HTMLAnchorElement} */ (counter);
    const names = counted(counter.dataset, href.split("#")[0]).filter((name) => name !== undefined);
    const counts = await Promise.all(names.map((name) => count(site, name)));
    counter.textContent = `${Math.max(...counts)}`;
  });
  return Promise.all(filled);
}

function standIn() {
  for (const [name, system] of Object.entries(SYSTEMS)) {
    replaceThread(name, system);
    fillCounters(system).catch(() => console.warn(`Outspoken couldn't count the comments for the links of ${name}.`));
  }
}

if (server) {
  if (!customElements.get("outspoken-thread")) customElements.define("outspoken-thread", elementFor(server));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", standIn);
  else standIn();
}
