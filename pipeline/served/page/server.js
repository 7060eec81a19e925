// What the server is asked: on this machine and nowhere else.

/** What went wrong, in a line for a person; `again` where the same may go well another time. */
export class Trouble extends Error {
  constructor(line, again) {
    super(line);
    this.again = again;
  }
}

const AWAY = "The server does not answer. See whether it still runs where it was started, then try again.";

/** The JSON of an answer. Throws Trouble, or an AbortError where nobody waits for it any more. */
async function json(path, options) {
  let answer, text;
  try {
    answer = await fetch(path, options);
    text = await answer.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble(AWAY, true);
  }
  const told = parsed(text);
  if (answer.ok && told !== null) return told;
  const bare = `The server answered ${answer.status}. Ask for something else, or try again.`;
  throw new Trouble(told?.error ?? bare, answer.status >= 500 || told === null);
}

/** What a text says as JSON; null where it is none, as of what is no server of ours. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const asked = (words) =>
  new URLSearchParams(Object.entries(words).filter(([, value]) => value !== "" && value !== undefined));

export const about = () => json("/api/about");

export const bySentence = ({ q, k, split, corpus, find }, signal) =>
  json(`/api/search?${asked({ q, k, split, corpus, find })}`, { signal });

export const byPicture = (file, { k, split, corpus, find }, signal) =>
  json(`/api/search?${asked({ name: file.name.slice(0, 200), k, split, corpus, find })}`, {
    signal,
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: file,
  });

export const picture = (corpus, row, signal) => json(`/api/pictures/${corpus}/${row}`, { signal });

export const neighbours = (corpus, row, k, split, signal) =>
  json(`/api/pictures/${corpus}/${row}/neighbours?${asked({ k, split })}`, { signal });

/** Where a picture's bytes are; with an edge a thumbnail. */
export const bytes = (corpus, row, edge) => `/pictures/${corpus}/${row}${edge ? `?edge=${edge}` : ""}`;
