/** Reading pages of ours. */

/**
 * Read a page of ours into a document of its own. The browser's parser makes it from bytes; no string becomes HTML.
 * From another's page nothing is sent along that tells who reads.
 * @param {string} address
 * @param {AbortSignal} signal
 * @returns {Promise<Document>}
 */
export function read(address, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => resolve(request.response);
    request.onerror = request.onabort = reject;
    signal.addEventListener("abort", () => request.abort());
    request.send();
  });
}
