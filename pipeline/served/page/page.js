// The page: what its address says is asked of the server and shown, and what is done goes there.
import { NOTHING, question, read, written } from "./address.js";
import * as controls from "./controls.js";
import { byId } from "./element.js";
import * as found from "./found.js";
import * as keys from "./keys.js";
import * as own from "./own.js";
import * as panel from "./panel.js";
import { about } from "./server.js";

const files = new Map(); // pictures of the user's own, by what their history entry holds

let known;
let state = read(location.search);

/** Go on to another state. What is opened on top of the results is closed by going back. */
function go(change) {
  const former = history.state ?? {};
  state = { ...state, ...change };
  delete state.file;
  const onTop = change.open != null;
  const file = state.picture ? (change.file ?? former.file) : undefined;
  const entry = { file, depth: onTop ? (former.depth ?? 0) + 1 : 0 };
  const same = written(state) === written(read(location.search)) && file === former.file;
  if (!same) history.pushState(entry, "", written(state));
  render();
}

function shut() {
  const depth = history.state?.depth ?? 0;
  if (depth > 0) return history.go(-depth);
  state = { ...state, open: null };
  history.replaceState(history.state, "", written(state));
  render();
}

function render() {
  const collection = known.collections.find(({ number }) => number === state.corpus);
  const file = files.get(history.state?.file);
  document.title = [state.q || state.picture, "Tencrop search"].filter(Boolean).join(" – ");
  own.preview(state.picture, file, () => go({ picture: "" }));
  if (!collection) return found.tell(`There is no collection ${state.corpus} here.`, "Search the first one", () => go(NOTHING));
  controls.render(state, collection);
  found.render(question(state), file, { collection, known, go, more });
  panel.render(state, go, shut);
}

function more(k) {
  state = { ...state, k };
  history.replaceState(history.state, "", written(state));
  render();
}

/** Search by a file; what it holds stays in this page. */
function take(file) {
  const id = `${Date.now()}-${files.size}`;
  files.set(id, file);
  go({ ...asks(), q: "", picture: file.name || "a picture", file: id });
}

const asks = () => ({ open: null, k: NOTHING.k });

function listen() {
  addEventListener("popstate", () => {
    state = read(location.search);
    render();
  });
  byId("form").onsubmit = (event) => {
    event.preventDefault();
    const q = byId("q").value.trim();
    // The server counts whole characters; of far more it could not even read the address.
    if ([...q].length > known.longest) return found.message(known.too_long);
    go({ ...asks(), q, picture: "" });
  };
  byId("q").oninput = () => {
    byId("clear").hidden = byId("q").value === "";
  };
  byId("clear").onclick = () => {
    byId("q").value = "";
    byId("clear").hidden = true;
    byId("q").focus();
    if (state.q) go({ ...asks(), q: "" });
  };
  byId("home").onclick = (event) => {
    event.preventDefault();
    go({ ...NOTHING });
  };
  controls.listen((change) => go({ ...asks(), ...change }));
  own.listen(take, (line) => found.message(line));
  keys.listen();
}

async function start() {
  try {
    known = await about();
  } catch (error) {
    return found.tell(error.message, "Try again", start);
  }
  controls.fill(known);
  listen();
  render();
}

start();
