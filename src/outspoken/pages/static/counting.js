/** How many comments pages have: who asks within a moment shares a question. */

const MOST = 100;
/** Milliseconds: a page comes in pieces, and each may hold elements that ask. */
const MOMENT = 50;

/** @param {string} server @returns {(site: string, page: string) => Promise<number>} page: its address, or `id:` and an identifier */
export function countingOn(server) {
  /** @type {Record<string, { query: URLSearchParams, answer: Promise<any> }>} what is about to be asked, by site */
  const questions = {};

  const ask = (/** @type {string} */ site) => {
    const query = new URLSearchParams({ site });
    const answer = new Promise((go) => setTimeout(go, MOMENT)).then(async () => {
      delete questions[site];
      return (await fetch(`${server}/api/v1/counts?${query}`)).json();
    });
    return { query, answer };
  };

  return async (site, page) => {
    const { query, answer } = (questions[site] ??= ask(site));
    query.append("url", page);
    if (query.size > MOST) delete questions[site];
    return (await answer).counts[page];
  };
}
