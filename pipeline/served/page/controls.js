// What is searched and what is found: the collection, the split, pictures or captions.
import { byId, counted, element, number } from "./element.js";

const option = (value, text) => element("option", { value: String(value) }, text);

/** Fill the controls once the server has said what there is. */
export function fill(known) {
  byId("corpora").hidden = known.collections.length < 2;
  byId("corpus").replaceChildren(...known.collections.map((each) => option(each.number, each.name)));
  byId("about").textContent = `Run ${known.run}`;
}

/** Show a state; the splits are those of its collection. */
export function render(state, collection) {
  byId("q").value = state.q;
  byId("clear").hidden = state.q === "";
  byId("corpus").value = String(collection.number);
  const splits = Object.entries(collection.splits);
  const all = option("", splits.length > 1 ? `all (${number(collection.pictures)})` : counted(collection.pictures, "picture"));
  const each = splits.length > 1 ? splits.map(([name, count]) => option(name, `${name} (${number(count)})`)) : [];
  byId("split").replaceChildren(all, ...each);
  byId("split").value = state.split;
  byId("find").hidden = collection.captions === 0;
  for (const radio of byId("find").querySelectorAll("input")) radio.checked = radio.value === state.find;
}

/** Call `go(change)` with what is chosen. */
export function listen(go) {
  byId("corpus").onchange = () => go({ corpus: Number(byId("corpus").value), split: "", open: null });
  byId("split").onchange = () => go({ split: byId("split").value });
  byId("find").onchange = (event) => go({ find: event.target.value });
}
