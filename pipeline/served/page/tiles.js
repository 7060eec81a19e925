// Pictures in a grid, or captions in a list, each a link to what is known of it.
import { written } from "./address.js";
import { element } from "./element.js";
import { bytes } from "./server.js";

const EDGE = 448;

/** Put results into a list; those that stay where they are are not drawn anew. */
export function show(list, results, state, open) {
  const there = new Map([...list.children].map((tile) => [tile.dataset.key, tile]));
  const tiles = results.map((result, place) => {
    const href = written({ ...state, open: result.picture });
    const key = JSON.stringify([state.corpus, state.find, place, result.id, result.score]);
    const tile = there.get(key) ?? drawn(result, state.corpus, state.find === "captions");
    tile.dataset.key = key;
    tile.firstChild.href = href;
    tile.firstChild.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(result.picture);
    };
    return tile;
  });
  list.classList.toggle("of-captions", state.find === "captions");
  list.replaceChildren(...tiles);
}

function drawn(result, corpus, ofCaption) {
  const [first = result.id, ...others] = result.captions;
  // A picture says its caption already, to who hears the page.
  const caption = element("span", { className: "caption", ariaHidden: result.path ? "true" : null }, first);
  const under = element("span", { className: "under" });
  if (result.score !== undefined) {
    under.append(element("span", { className: "score", title: "similarity" }, result.score.toFixed(3)));
  }
  if (others.length && !ofCaption) {
    under.append(element("span", { className: "others" }, `+${others.length}`, spoken(others.length)));
  }
  const view = result.path
    ? image(bytes(corpus, result.picture, EDGE), first, result.id)
    : missing(result.id);
  return element("li", {}, element("a", { className: "tile", draggable: false }, view, caption, under));
}

const spoken = (count) => element("span", { className: "unseen" }, count === 1 ? " caption more" : " captions more");

/** A picture, or its name where its file cannot be shown. */
export function image(src, alt, id, loading = "lazy") {
  const made = element("img", { loading, decoding: "async", draggable: false, alt, src });
  made.onerror = () => made.replaceWith(missing(id, alt));
  return made;
}

function missing(id) {
  return element("span", { className: "missing" }, element("span", {}, id), " no picture here");
}
