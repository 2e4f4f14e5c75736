// Saves a text area as it is typed, and never loses a word: until the server has confirmed, a copy stays in this browser.
import { token } from "./htmx-glue.js";
import { clockTime, dropCopy, findCopy, keepCopy, notice } from "./kept-words.js";

const WAIT_MS = 800;
const RETRY_MS = 10000;

/** One text area and what is known about its words on the server. */
class Draft {
  constructor(area) {
    this.area = area;
    this.confirmed = area.defaultValue; // not area.value: somebody may have typed while this module was on its way
    this.version = area.dataset.version || "0";
    this.place = document.getElementById(area.dataset.autosaveState) || this.makePlace();
    this.timer = 0;
    this.saving = false;
    this.stopped = false;
    area.addEventListener("input", () => this.changed());
    area.form?.addEventListener("submit", () => this.submitted());
    window.addEventListener("online", () => this.save());
    window.addEventListener("pageshow", () => { this.leaving = false; });
    this.restore();
    if (this.isDirty) this.changed();
  }

  makePlace() {
    const place = Object.assign(document.createElement("p"), { className: "saved-state" });
    place.setAttribute("role", "status");
    this.area.after(place);
    return place;
  }

  tell(text, isBad = false) {
    this.place.textContent = text;
    this.place.classList.toggle("bad", isBad);
  }

  get isDirty() { return this.area.value !== this.confirmed; }

  changed() {
    keepCopy(this.area, this.version);
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), WAIT_MS);
  }

  submitted() {
    clearTimeout(this.timer);
    this.leaving = true;
    const { elements } = this.area.form;
    const field = elements.namedItem(`${this.area.name}_version`) || elements.namedItem("version");
    if (field && "value" in field && Number(this.version) > 0) field.value = this.version;
  }

  put(text) {
    this.area.value = text;
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Words that were never saved come back by themselves only when nobody has changed the text since they were typed.
  restore() {
    const copy = findCopy(this.area);
    if (!copy || copy.text === this.area.value) return dropCopy(this.area);
    const saved = this.area.value;
    if (String(copy.version) === this.version && !this.isDirty) {
      this.put(copy.text);
      return notice(this.area, `Your words from ${clockTime(copy.at)} were not saved before. They are back.`, [["Use the saved text instead", () => this.put(saved)]]);
    }
    return notice(this.area, `You wrote this at ${clockTime(copy.at)} and it was not saved. The text has changed since:`, [
      ["Use my words", () => this.put(copy.text)],
      ["Throw them away", () => dropCopy(this.area)],
    ], copy.text);
  }

  async save() {
    if (this.saving || this.stopped || this.leaving || !this.isDirty) return;
    this.saving = true;
    const text = this.area.value;
    this.tell("Saving...");
    try {
      await this.answer(await this.post(text), text);
    } catch {
      this.tell("Not saved: you are offline. Your words are kept in this browser.", true);
      this.timer = setTimeout(() => this.save(), RETRY_MS);
    }
    this.saving = false;
    if (this.isDirty && this.confirmed === text) this.changed();
  }

  post(text) {
    const body = new URLSearchParams({ [this.area.name]: text, version: this.version, csrf_token: token() });
    const headers = { "X-CSRFToken": token(), "X-Requested-With": "autosave" };
    return fetch(this.area.dataset.autosaveUrl, { method: "POST", body, headers, redirect: "manual", credentials: "same-origin" });
  }

  async answer(response, text) {
    if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) return this.sessionEnded();
    if (response.status === 409) return this.clash(await response.text());
    if (response.status === 400 || response.status === 422) return this.refused(await response.text());
    if (!response.ok) return this.failed();
    this.version = response.headers.get("X-Version") || this.version;
    this.confirmed = text;
    if (this.area.value === text) dropCopy(this.area);
    return this.tell(`Saved ${clockTime(Date.now())}`);
  }

  sessionEnded() {
    this.stopped = true;
    this.tell("Not saved: your session has ended. Your words are kept in this browser; sign in again and come back to this page.", true);
  }

  refused(words) {
    const isShort = words && words.length < 300 && !words.includes("<");
    this.tell(isShort ? `Not saved: ${words}` : "Not saved: the server did not accept this. Your words are kept in this browser; reload the page to try again.", true);
  }

  failed() {
    this.tell("Not saved: the server has a problem. Your words are kept in this browser; we try again.", true);
    this.timer = setTimeout(() => this.save(), RETRY_MS);
  }

  // Somebody else saved first: stop saving, keep the copy, and show the server's page part with both texts.
  clash(fragment) {
    this.stopped = true;
    this.tell("Not saved: this was changed by somebody else. Your words are kept in this browser.", true);
    const place = document.createElement("div");
    place.className = "clash";
    place.setAttribute("role", "alert");
    place.innerHTML = fragment;
    (this.area.closest("[data-editor]") || this.area.closest(".field") || this.area).after(place);
    window.htmx?.process(place);
  }
}

const drafts = new WeakMap();

export function startAutosave(root) {
  const areas = [...root.querySelectorAll("textarea[data-autosave-url]")];
  if (root.matches?.("textarea[data-autosave-url]")) areas.push(root);
  for (const area of areas) if (!drafts.has(area)) drafts.set(area, new Draft(area));
}
