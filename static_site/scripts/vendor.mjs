// Copies the third-party modules that the pages load from node_modules to vendor/.
// Run by `npm run vendor` after `npm ci`; nothing of it is committed.

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const SITE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const MODULES = path.join(SITE, "node_modules");
const TARGET = path.join(SITE, "vendor");

// Named .js, not .mjs: some file services know no media type for .mjs,
// and a browser refuses a module without one.
const FILES = {
  "xterm.js": "@xterm/xterm/lib/xterm.mjs",
  "xterm.css": "@xterm/xterm/css/xterm.css",
  "addon-fit.js": "@xterm/addon-fit/lib/addon-fit.mjs",
  "addon-search.js": "@xterm/addon-search/lib/addon-search.mjs",
  "addon-web-links.js": "@xterm/addon-web-links/lib/addon-web-links.mjs",
  "client-zip.js": "client-zip/index.js",
};
// The editor's modules name each other as packages do, which a browser without an import map
// does not understand: in vendor/ they name each other's files.
const MODULES_OF_THE_EDITOR = {
  "@codemirror/commands": "dist/index.js",
  "@codemirror/lang-cpp": "dist/index.js",
  "@codemirror/language": "dist/index.js",
  "@codemirror/lint": "dist/index.js",
  "@codemirror/search": "dist/index.js",
  "@codemirror/state": "dist/index.js",
  "@codemirror/streamparser": "dist/index.js",
  "@codemirror/view": "dist/index.js",
  "@lezer/common": "dist/index.js",
  "@lezer/cpp": "dist/index.js",
  "@lezer/highlight": "dist/index.js",
  "@lezer/lr": "dist/index.js",
  "@marijn/find-cluster-break": "src/index.js",
  crelt: "index.js",
  "style-mod": "src/style-mod.js",
  "w3c-keyname": "index.js",
};
const LICENSES = {
  xterm: "@xterm/xterm/LICENSE",
  "addon-fit": "@xterm/addon-fit/LICENSE",
  "addon-search": "@xterm/addon-search/LICENSE",
  "addon-web-links": "@xterm/addon-web-links/LICENSE",
  "client-zip": "client-zip/LICENSE.txt",
};

const nameOf = (module) => module.replace(/^@(marijn\/)?/u, "").replace("/", "-");

function nameFiles(text, importer) {
  return text.replace(/^((?:import|export)\b[^'"\n]*\bfrom )(['"])([^'"]+)\2/gmu, (_, before, quote, module) => {
    if (!Object.hasOwn(MODULES_OF_THE_EDITOR, module)) {
      throw new Error(`${importer} imports ${module}, which vendor.mjs does not list`);
    }
    return `${before}${quote}./${nameOf(module)}.js${quote}`;
  });
}

await rm(TARGET, { recursive: true, force: true });
await mkdir(TARGET, { recursive: true });
for (const [name, source] of Object.entries(FILES)) {
  const text = await readFile(path.join(MODULES, source), "utf8");
  // The maps are not shipped, so a debugger must not ask for them.
  const shipped = text.replace(/^\/\/# sourceMappingURL=.*$/mu, "");
  await writeFile(path.join(TARGET, name), shipped);
}
for (const [name, source] of Object.entries(LICENSES)) {
  await copyFile(path.join(MODULES, source), path.join(TARGET, `${name}.LICENSE`));
}
for (const [module, source] of Object.entries(MODULES_OF_THE_EDITOR)) {
  const text = await readFile(path.join(MODULES, module, source), "utf8");
  await writeFile(path.join(TARGET, `${nameOf(module)}.js`), nameFiles(text, module));
  await copyFile(path.join(MODULES, module, "LICENSE"), path.join(TARGET, `${nameOf(module)}.LICENSE`));
}
const count = Object.keys(FILES).length + Object.keys(MODULES_OF_THE_EDITOR).length;
console.log(`${count} modules copied to ${path.relative(process.cwd(), TARGET) || TARGET}`);
