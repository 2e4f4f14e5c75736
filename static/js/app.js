// Starts what every page has, and what some of them have. All of it comes before the page counts as loaded: a part that
// was fetched only when it is needed could be late or lost, and words typed meanwhile with it.
import { startAutosave } from "./autosave.js";
import { startEditors } from "./editor.js";
import { startKeys } from "./keys.js";
import { startTheme } from "./theme-switch.js";
import { startHtmx } from "./htmx-glue.js";
import { startTimes } from "./relative-time.js";
import { startCopy } from "./copy.js";
import { startPage } from "./page.js";
import { startSending } from "./sending.js";
import { startWordings } from "./wording.js";

function startParts(root) {
  startAutosave(root);
  startEditors(root);
  startWordings(root);
}

startTheme();
startKeys();
startHtmx();
startTimes();
startCopy();
startPage();
startSending();
startParts(document);
document.addEventListener("htmx:load", (event) => startParts(event.detail.elt));
