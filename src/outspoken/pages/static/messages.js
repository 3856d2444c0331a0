/**
 * All that a frame of ours may say to the page around it. It can move, size and announce; nothing in it votes, posts or
 * reveals. What isn't exactly of this form wasn't said.
 */

const GRAMMAR =
  /^\{"outspoken":1,"type":("ready"|"close"|"size","height":\d{1,9}|"done","act":"(write|reply|vote|edit|delete|report)","number":\d{1,9},"version":\d{1,12},"state":"[a-z]{4,9}")\}$/;

/**
 * @typedef {{ type: "size", height: number } | { type: "close" } | { type: "ready" }
 *   | { type: "done", act: string, number: number, version: number, state: string }} Message
 */

/** @param {unknown} data @returns {Message | { type: "" }} what a frame said, or nothing */
export function messageOf(data) {
  try {
    const text = JSON.stringify(data);
    if (GRAMMAR.test(text)) return JSON.parse(text);
  } catch {
    // It goes round in circles; ours never do.
  }
  return { type: "" };
}

/** @param {number} height of a frame's content @returns {number} rounded up, so that nobody reads the length of a text from it */
export function frameHeight(height) {
  return Math.min(4096, Math.ceil(height / 64) * 64);
}
