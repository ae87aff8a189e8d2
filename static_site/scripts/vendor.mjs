// Copies the third-party modules that the pages load from node_modules to vendor/.
// Run by `npm run vendor` after `npm ci`; nothing of it is committed.

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const SITE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const MODULES = path.join(SITE, "node_modules", "@xterm");
const TARGET = path.join(SITE, "vendor");

// Named .js, not .mjs: some file services know no media type for .mjs,
// and a browser refuses a module without one.
const FILES = {
  "xterm.js": "xterm/lib/xterm.mjs",
  "xterm.css": "xterm/css/xterm.css",
  "addon-fit.js": "addon-fit/lib/addon-fit.mjs",
  "addon-search.js": "addon-search/lib/addon-search.mjs",
  "addon-web-links.js": "addon-web-links/lib/addon-web-links.mjs",
};
const LICENSES = ["xterm", "addon-fit", "addon-search", "addon-web-links"];

await rm(TARGET, { recursive: true, force: true });
await mkdir(TARGET, { recursive: true });
for (const [name, source] of Object.entries(FILES)) {
  const text = await readFile(path.join(MODULES, source), "utf8");
  // The maps are not shipped, so a debugger must not ask for them.
  const shipped = text.replace(/^\/\/# sourceMappingURL=.*$/mu, "");
  await writeFile(path.join(TARGET, name), shipped);
}
for (const name of LICENSES) {
  await copyFile(path.join(MODULES, name, "LICENSE"), path.join(TARGET, `${name}.LICENSE`));
}
console.log(`${Object.keys(FILES).length} modules copied to ${path.relative(process.cwd(), TARGET) || TARGET}`);
