// One picture large, with all that is known of it, and its neighbours.
import { NOTHING, written } from "./address.js";
import { byId, element } from "./element.js";
import { bytes, neighbours, picture } from "./server.js";
import { image, show } from "./tiles.js";

const NEAR = 12;
const panel = byId("panel");
let shown = "";
let waiting = new AbortController();

/** Show what `state.open` names, or nothing where it names none. `go(change)` changes the state. */
export async function render(state, go, shut) {
  const key = state.open === null ? "" : JSON.stringify([state.corpus, state.open, state.split]);
  if (key === shown) return;
  shown = key;
  waiting.abort();
  if (key === "") return panel.close();
  waiting = new AbortController();
  panel.oncancel = (event) => {
    event.preventDefault();
    shut();
  };
  panel.onclick = (event) => event.target === panel && shut();
  try {
    const known = await picture(state.corpus, state.open, waiting.signal);
    draw(known, state, go, shut);
    const near = await neighbours(state.corpus, state.open, NEAR, state.split, waiting.signal);
    show(byId("near"), near.results, { ...state, find: "pictures" }, (row) => go({ open: row }));
    byId("near-none").hidden = near.results.length > 0;
  } catch (error) {
    if (error.name !== "AbortError") tell(error.message, shut);
  }
}

function appear(...children) {
  panel.replaceChildren(...children);
  panel.scrollTop = 0;
  if (!panel.open) panel.showModal();
}

const closing = (shut) =>
  element("button", { type: "button", className: "shut", ariaLabel: "Close", title: "Close (Esc)", onclick: shut }, "×");

function draw(known, state, go, shut) {
  const [first = known.id] = known.captions;
  const title = element("h2", { id: "panel-title", tabIndex: -1 }, known.id);
  const facts = [
    ["split", known.split],
    ["labels", (known.labels ?? []).join(", ")],
    ["file", known.path],
  ].filter(([, value]) => value);
  const view = known.path ? [image(bytes(state.corpus, known.picture), first, known.id, "eager")] : [];
  appear(
    closing(shut),
    element("div", { className: "view" }, ...view),
    element(
      "div",
      { className: "known" },
      title,
      element("ul", { className: "captions" }, ...known.captions.map((text) => said(text, state, go))),
      element("dl", {}, ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    ),
    element(
      "section",
      { className: "neighbours", ariaLabel: "Its neighbours" },
      element("h3", {}, "Its neighbours"),
      element("p", { id: "near-none", className: "note", hidden: true }, "None: this collection has no other picture here."),
      element("ol", { id: "near", className: "tiles small" }),
    ),
  );
  title.focus({ preventScroll: true });
}

/** A caption, which can be searched by. */
function said(text, state, go) {
  const change = { q: text, picture: "", open: null, k: NOTHING.k };
  const onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(change);
  };
  const title = "Search by this caption";
  return element("li", {}, element("a", { href: written({ ...state, ...change }), onclick, title }, text));
}

function tell(message, shut) {
  const title = element("h2", { id: "panel-title", tabIndex: -1 }, "This picture cannot be shown");
  appear(closing(shut), element("div", { className: "known" }, title, element("p", { role: "alert" }, message)));
  title.focus();
}
