/** How near is near enough to take hold of something drawn: a finger is wider than a pointer. @param {import("../store.js").Store} store @param {number} css @returns {number} CSS pixels */
export const reach = (store, css) => (store.view.touch ? 2 * css : css);
