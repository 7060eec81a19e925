// What the page shows, as its address says it, so that a link shows another person the same.

/** Nothing is asked: the values that an address need not say. */
export const NOTHING = { q: "", corpus: 0, split: "", find: "pictures", k: 10, open: null, picture: "" };

/** What an address asks for; a value that is none is the default. */
export function read(search) {
  const given = new URLSearchParams(search);
  const whole = (name, least) => {
    const text = given.get(name) ?? "";
    return /^\d{1,9}$/.test(text) && Number(text) >= least ? Number(text) : NOTHING[name];
  };
  return {
    q: given.get("q") ?? "",
    corpus: whole("corpus", 0),
    split: given.get("split") ?? "",
    find: given.get("find") === "captions" ? "captions" : "pictures",
    k: whole("k", 1),
    open: whole("open", 0),
    picture: given.get("picture") ?? "",
  };
}

/** The address of a state, from the question mark on. */
export function written(state) {
  const said = Object.entries(state).filter(([name, value]) => value !== NOTHING[name]);
  return said.length ? `?${new URLSearchParams(said)}` : "/";
}

/** What the results follow from: two states alike in it show the same ones. */
export const question = ({ open, ...asked }) => asked;
