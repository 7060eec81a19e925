// What a question finds: asked once, and shown with what is to be said of it.
import { byId, counted, element, number } from "./element.js";
import { byPicture, bySentence, picture } from "./server.js";
import { show } from "./tiles.js";

const MORE = 20;
const list = byId("results");
let shown = {};
let waiting = new AbortController();

/** Show what a state asks for, unless it is shown already. `here` has collection, known, go, more. */
export async function render(asked, file, here) {
  const key = JSON.stringify(asked);
  if (key === shown.key && file === shown.file) return;
  shown = { key, file };
  waiting.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  list.setAttribute("aria-busy", "true");
  try {
    await answer(asked, file, here, signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    const again = () => render(asked, file, here);
    tell(error.message, error.again === false ? "" : "Try again", again);
  }
  if (!signal.aborted) list.removeAttribute("aria-busy");
}

async function answer(asked, file, here, signal) {
  const { collection, go, known } = here;
  if (asked.split && !(asked.split in collection.splits)) {
    const none = `${collection.name} has no pictures of a split ${asked.split}.`;
    return tell(none, "Search all splits", () => go({ split: "" }));
  }
  if (asked.picture && !file) return clear("");
  if (!asked.picture && !asked.q.trim()) return welcome(asked, here, signal);
  const words = { ...asked, k: Math.min(asked.k, known.most) };
  const told = await (file ? byPicture(file, words, signal) : bySentence(words, signal));
  clear(summary(told, asked, collection));
  unknown(told.unknown);
  show(list, told.results, asked, (row) => go({ open: row }));
  const full = told.results.length >= words.k && words.k < known.most;
  byId("more").hidden = !full;
  byId("more").onclick = () => here.more(Math.min(words.k + MORE, known.most));
  if (told.results.length === 0) nothing(asked, go);
}

/** What is there, while nothing is asked: a few pictures, from the first to the last. */
async function welcome(asked, { collection, go }, signal) {
  const { pictures, captions, name } = collection;
  const some = await Promise.all(collection.some.map((row) => picture(asked.corpus, row, signal)));
  const what = `${counted(pictures, "picture")}${captions ? ` with ${counted(captions, "caption")}` : ""}`;
  clear(`${name}: ${what}. Type a sentence, drop a picture, or begin with one of these.`);
  show(list, some, { ...asked, find: "pictures" }, (row) => go({ open: row }));
}

function summary({ results, seconds }, { find, split }, collection) {
  const of = find === "captions" ? "" : ` of ${number(split ? collection.splits[split] : collection.pictures)}`;
  const noun = find === "captions" ? "caption" : "picture";
  return `The nearest ${counted(results.length, noun)}${of}, in ${Math.max(1, Math.round(seconds * 1000))} ms`;
}

function unknown(words) {
  byId("unknown").hidden = words.length === 0;
  const named = words.map((word) => `“${word}”`).join(", ");
  byId("unknown").textContent = `Words that this run does not know, and takes for one unknown word: ${named}`;
}

function nothing({ split, find }, go) {
  if (split) return message(`Nothing found in the split ${split}.`, "Search all splits", () => go({ split: "" }));
  if (find === "captions") return message("No caption found.", "Find pictures", () => go({ find: "pictures" }));
  return message("Nothing found: this collection has no other picture.");
}

function clear(status) {
  byId("status").textContent = status;
  byId("unknown").hidden = byId("message").hidden = byId("more").hidden = true;
  if (status === "") list.replaceChildren();
}

/** Say in the place of results why there are none, and what leads on. */
export function tell(line, label, action) {
  shown = {};
  clear("");
  list.removeAttribute("aria-busy");
  message(line, label, action);
}

/** Say a line above what is there. */
export function message(line, label, action) {
  const way = label ? [element("button", { type: "button", onclick: action }, label)] : [];
  byId("message").replaceChildren(element("p", {}, line), ...way);
  byId("message").hidden = false;
}
