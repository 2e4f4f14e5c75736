// Starts what every page has, and fetches what only some pages need.
import { startKeys } from "./keys.js";
import { startTheme } from "./theme-switch.js";
import { startHtmx } from "./htmx-glue.js";
import { startTimes } from "./relative-time.js";
import { startCopy } from "./copy.js";
import { startPage } from "./page.js";
import { startSending } from "./sending.js";

const OPTIONAL = [
  ["textarea[data-autosave-url]", "./autosave.js", "startAutosave"],
  ["[data-editor]", "./editor.js", "startEditors"],
];

async function startOptional(root) {
  for (const [selector, module, start] of OPTIONAL) {
    if (root.querySelector(selector)) (await import(module))[start](root);
  }
}

startTheme();
startKeys();
startHtmx();
startTimes();
startCopy();
startPage();
startSending();
startOptional(document);
document.addEventListener("htmx:load", (event) => startOptional(event.detail.elt));
