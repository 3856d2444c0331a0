/** Writing with comfort: a toolbar, shortcuts, a draft that survives. The form works without, and shows its own preview. */

import { button, make, sayings } from "./making.js";

/** @type {Record<string, string[]>} by its key: how its button looks, what comes before the words and after */
const MARKS = {
  b: ["B", "**", "**"],
  i: ["I", "*", "*"],
  q: ["❝", "\n> ", "\n\n"],
  k: ["↗", "[", "](https://)"],
};

/** Where it is noted which draft was sent. */
const SENT = "sent";

/** @param {HTMLFormElement} form for a text */
export function helpWriting(form) {
  const say = sayings(form);
  const text = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));

  /** @param {string[]} mark put around the words that are chosen, so that it can be undone */
  const insert = ([, before, after]) => {
    const { selectionStart: start, selectionEnd: end, value } = text;
    const words = value.slice(start, end).replaceAll("\n", before.startsWith("\n") ? before : "\n");
    text.focus();
    document.execCommand("insertText", false, before + words + after);
    if (!words) text.selectionEnd = start + before.length;
  };
  const tools = Object.entries(MARKS).map(([key, mark]) => {
    const title = `${say[key]} (Ctrl+${key.toUpperCase()})`;
    return button(mark[0], () => insert(mark), { class: "tool", title, "aria-label": title });
  });
  text.before(make("div", { class: "tools", role: "group", "aria-label": say.tools }, ...tools));
  text.addEventListener("keydown", (event) => {
    const mark = MARKS[event.key];
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (mark) insert(mark);
    else if (event.key === "Enter") /** @type {HTMLElement | null} */ (form.querySelector(".main"))?.click();
    else return;
    event.preventDefault();
  });

  keepDraft(form, text);
}

/**
 * Keep what is written until it has arrived. It lies in this tab's storage, on our own origin, and goes with the tab.
 * @param {HTMLFormElement} form
 * @param {HTMLTextAreaElement} text
 */
function keepDraft(form, text) {
  const { parent, url } = /** @type {any} */ (form);
  // `form.action` would be the button of that name.
  const key = [form.getAttribute("action"), parent?.value, url?.value].join(" ");
  try {
    const storage = sessionStorage;
    // What was written goes before what was quoted, or stood there before.
    text.value = storage[key] || text.value;
    form.oninput = () => (storage[key] = text.value);
    form.onsubmit = () => (storage[SENT] = key);
  } catch {
    // Refused: the text is still in the form, and the server gives it back.
  }
}

/** Forget the draft that was sent last, since it has arrived. */
export function dropDraft() {
  try {
    delete sessionStorage[sessionStorage[SENT]];
  } catch {
    // Nothing could be kept.
  }
}
