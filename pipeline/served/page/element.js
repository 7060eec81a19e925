// Elements without a word of HTML: what is said by a corpus or a person is text, whatever it holds.

/** An element of these properties; strings among its children become text. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export const byId = (id) => document.getElementById(id);

/** A number as a person reads it: 1,000. */
export const number = (value) => value.toLocaleString("en-GB");

/** A number with its noun: 1 picture, 1,000 pictures. */
export const counted = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
