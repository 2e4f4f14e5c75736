// The Markdown field: a toolbar that writes the marks, and a preview drawn by the server. The text area stays the truth.
import { token } from "./htmx-glue.js";

const PREVIEW_MS = 400;
const MARKS = [
  ["Bold", (t) => `**${t || "bold"}**`],
  ["Italic", (t) => `_${t || "italic"}_`],
  ["List", (t) => (t || "item").split("\n").map((line) => `- ${line}`).join("\n")],
  ["Quote", (t) => (t || "quote").split("\n").map((line) => `> ${line}`).join("\n")],
  ["Code", (t) => (t.includes("\n") ? `\`\`\`\n${t}\n\`\`\`` : `\`${t || "code"}\``)],
  ["Link", (t) => `[${t || "words"}](https://)`],
];

function insert(area, mark) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const text = mark(value.slice(from, to));
  area.setRangeText(text, from, to, "select");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

function button(label, act) {
  const element = Object.assign(document.createElement("button"), { type: "button", className: "quiet small", textContent: label });
  element.addEventListener("click", act);
  return element;
}

function makeToolbar(area) {
  const bar = document.createElement("div");
  bar.className = "editor-bar";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Format the text");
  for (const [label, mark] of MARKS) bar.append(button(label, () => insert(area, mark)));
  return bar;
}

async function draw(area, preview, url) {
  if (preview.hidden) return;
  const body = new URLSearchParams({ text: area.value, csrf_token: token() });
  try {
    const response = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token() } });
    if (response.ok && !response.redirected) preview.innerHTML = await response.text();
  } catch {
    preview.textContent = "The preview needs a connection. Your text is not affected.";
  }
}

function addPreview(area, bar, url) {
  const split = document.createElement("div");
  split.className = "editor-split";
  const preview = Object.assign(document.createElement("div"), { className: "editor-preview prose-small", hidden: true, tabIndex: 0 });
  preview.setAttribute("role", "region");
  preview.setAttribute("aria-label", "Preview");
  area.before(split);
  split.append(area, preview);
  const toggle = button("Preview", () => {
    preview.hidden = !preview.hidden;
    split.classList.toggle("open", !preview.hidden);
    toggle.setAttribute("aria-pressed", String(!preview.hidden));
    draw(area, preview, url);
  });
  toggle.setAttribute("aria-pressed", "false");
  toggle.classList.add("editor-toggle");
  bar.append(toggle);
  let timer = 0;
  area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => draw(area, preview, url), PREVIEW_MS); });
}

async function upload(area, file, url, tell) {
  const mark = `![${file.name || "picture"} is on its way]()`;
  insert(area, () => mark);
  const body = new FormData();
  body.append("picture", file);
  body.append("csrf_token", token());
  const headers = { "X-CSRFToken": token(), "X-Requested-With": "editor" };
  let written = "";
  try {
    const response = await fetch(url, { method: "POST", body, headers, redirect: "manual" });
    const words = response.type === "opaqueredirect" ? "" : await response.text();
    if (response.status === 201) written = words;
    else tell(words.length < 300 && !words.includes("<") && words ? words : "The picture could not be taken. Try it again.");
  } catch {
    tell("No connection: the picture was not taken. Your text is not affected.");
  }
  const from = area.value.indexOf(mark);
  if (from >= 0) area.setRangeText(written, from, from + mark.length, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// Pictures come by paste, drop or choice; each is sent at once and its line written where the cursor was.
function addPictures(editor, area, bar, url) {
  const place = Object.assign(document.createElement("p"), { className: "field-error", hidden: true });
  place.setAttribute("role", "alert");
  const tell = (words) => { if (words) editor.append(place); place.textContent = words; place.hidden = !words; };
  const take = (files) => { tell(""); [...files].filter((file) => file.type.startsWith("image/")).forEach((file) => upload(area, file, url, tell)); };
  const chooser = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", hidden: true, multiple: true });
  chooser.addEventListener("change", () => { take(chooser.files); chooser.value = ""; });
  const choose = button("Picture", () => chooser.click());
  bar.append(choose);
  editor.append(chooser);
  const hasPictures = (data) => [...(data?.items || [])].some((item) => item.type.startsWith("image/"));
  area.addEventListener("paste", (event) => { if (event.clipboardData.files.length && hasPictures(event.clipboardData)) { event.preventDefault(); take(event.clipboardData.files); } });
  area.addEventListener("dragover", (event) => { if (hasPictures(event.dataTransfer)) { event.preventDefault(); editor.classList.add("dropping"); } });
  area.addEventListener("dragleave", () => editor.classList.remove("dropping"));
  area.addEventListener("drop", (event) => { editor.classList.remove("dropping"); if (event.dataTransfer.files.length) { event.preventDefault(); take(event.dataTransfer.files); } });
}

function startEditor(editor) {
  const area = editor.querySelector("textarea");
  if (!area || editor.dataset.started) return;
  editor.dataset.started = "yes";
  const bar = makeToolbar(area);
  area.before(bar);
  if (editor.dataset.picturesUrl) addPictures(editor, area, bar, editor.dataset.picturesUrl);
  if (editor.dataset.previewUrl) addPreview(area, bar, editor.dataset.previewUrl);
}

// A single line, as the room has it, takes pictures too; what else it needs it does itself.
function startLine(form) {
  if (form.dataset.started) return;
  form.dataset.started = "yes";
  const field = form.querySelector(".field");
  addPictures(field, field.querySelector("input"), form.querySelector(".row"), form.dataset.picturesUrl);
}

export function startEditors(root) {
  if (root.matches?.("form[data-pictures-url]")) startLine(root);
  root.querySelectorAll("form[data-pictures-url]").forEach(startLine);
  if (root.matches?.("[data-editor]")) startEditor(root);
  root.querySelectorAll("[data-editor]").forEach(startEditor);
}
