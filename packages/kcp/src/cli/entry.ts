/** What the command's launcher needs, as one module for the bundle. */
export { loadServer } from './load-server.js';
export { main } from './main.js';
export { realProcess } from './process-surface.js';
