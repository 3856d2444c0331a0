/** Times as the reader's clock shows them; the server writes them in UTC, for those who read without script. */

/**
 * Write the times below an element anew; hovering tells the whole time.
 * @param {ParentNode} part
 * @param {string} language
 */
export function writeTimes(part, language) {
  const short = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
  // A day without an hour is the same everywhere.
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (part.querySelectorAll('time[datetime*="T"]'))) {
    const at = new Date(time.dateTime);
    time.textContent = short.format(at);
    time.title = full.format(at);
  }
}
