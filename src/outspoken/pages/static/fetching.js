/** Reading pages of ours. */

/**
 * Read the discussion that stands in a page of ours. The browser's parser makes it from bytes; no string becomes HTML.
 * From another's page nothing is sent along that tells who reads.
 * @param {string} address
 * @param {AbortSignal} [signal]
 * @returns {Promise<HTMLElement>} rejects with what the server says in its place, or with nothing where nothing came
 */
export function read(address, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => (request.status < 400 ? resolve : reject)(request.response?.querySelector(".discussion"));
    request.onerror = request.onabort = () => reject();
    signal?.addEventListener("abort", () => request.abort());
    request.send();
  });
}

/**
 * Return a whole address.
 * @param {URL} address
 * @param {Record<string, any>} query what is asked besides; what is empty isn't
 */
export function asking(address, query) {
  for (const name in query) if (query[name]) address.searchParams.set(name, query[name]);
  return address.href;
}
