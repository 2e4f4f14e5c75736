// The tree of whys with the keyboard: each key does what a button or a link beside it does, and htmx draws the answer.
import { token } from "./htmx-glue.js";

const ARROWS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };
const section = () => document.getElementById("whys");
const nodes = () => [...section().querySelectorAll(".tree-node[data-why]")];
const swap = { target: "#whys", swap: "outerHTML" };
let sent = null; // what was sent last, to tell what was typed after it

function move(node, direction) {
  const url = `${section().dataset.partUrl}/${node.dataset.why}/move/${direction}`;
  window.htmx.ajax("POST", url, { ...swap, source: node, values: { csrf_token: token() } });
}

function goTo(node, step) {
  const all = nodes();
  all[all.indexOf(node) + step]?.focus();
}

function onNode(event, node) {
  const arrow = ARROWS[event.key];
  if (event.altKey && arrow) move(node, arrow);
  else if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  else if (arrow === "up" || arrow === "down") goTo(node, arrow === "up" ? -1 : 1);
  else if (event.key === "Enter") node.querySelector("[data-opens-beside]").click();
  else if (event.key === "F2") node.querySelector("[data-opens-change]").click();
  else return;
  event.preventDefault();
}

function add(form, then) {
  form.elements.then.value = then;
  sent = form.elements.claim.value;
  form.requestSubmit();
}

function onClaim(event, form) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
  const isEmpty = !form.elements.claim.value.trim();
  if (event.key === "Escape") form.querySelector("[data-leave]")?.click();
  else if (event.key === "Enter" && !isEmpty) add(form, "beside");
  else if (event.key === "Tab" && !isEmpty) add(form, "below"); // an empty field lets Tab go on, so nobody is caught here
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-quick-why]");
  if (section()?.contains(event.target)) window.htmx.process(section()); // a key may come before htmx looked at what it drew
  if (event.target.matches?.("#whys .tree-node[data-why]")) onNode(event, event.target);
  else if (form && event.target === form.elements.claim) onClaim(event, form);
});

// Words typed between the key and the answer belong to the next why.
let late = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "whys" || sent === null) return;
  const typed = section().querySelector("form[data-quick-why]")?.elements.claim.value ?? "";
  late = event.detail.xhr.status === 200 && typed.startsWith(sent) ? typed.slice(sent.length).replace(/^\n/, "") : "";
  sent = null;
});
document.addEventListener("htmx:load", () => {
  const claim = late && section()?.querySelector("form[data-quick-why]")?.elements.claim;
  if (!claim) return;
  claim.value = late;
  late = "";
});
