// A picture of the user's own, to search by: dropped, pasted or chosen; it stays on this machine.
import { byId, element } from "./element.js";

const PICTURES = "That is no file of a picture. Save the picture first, then drop the file here.";

/** Call `take(file)` with each picture that is given to the page, `refuse(line)` with what is none. */
export function listen(take, refuse) {
  const given = (files, others) => {
    const file = [...files][0];
    if (file) take(file);
    else if (others) refuse(PICTURES);
  };
  const chooser = byId("file");
  byId("choose").onclick = () => chooser.click();
  chooser.onchange = () => {
    given(chooser.files, false);
    chooser.value = ""; // so that the same file can be chosen again
  };
  document.addEventListener("paste", (event) => given(event.clipboardData?.files ?? [], false));
  dropped((data) => given(data.files, true));
}

function dropped(give) {
  let inside = 0;
  const over = (now) => {
    inside = Math.max(0, now);
    document.body.classList.toggle("dropping", inside > 0);
  };
  const takes = (event) => {
    const types = event.dataTransfer?.types ?? [];
    return types.includes("Files") || types.includes("text/uri-list");
  };
  document.addEventListener("dragenter", (event) => takes(event) && over(inside + 1));
  document.addEventListener("dragleave", (event) => takes(event) && over(inside - 1));
  document.addEventListener("dragover", (event) => takes(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!takes(event)) return;
    event.preventDefault();
    over(0);
    give(event.dataTransfer);
  });
}

let shown = { name: "" };

/** Show by which picture is searched, or that it is not here; nothing where there is none. */
export function preview(name, file, away) {
  if (name === shown.name && file === shown.file) return;
  if (shown.url) URL.revokeObjectURL(shown.url);
  shown = { name, file, url: file && URL.createObjectURL(file) };
  const place = byId("own");
  place.hidden = name === "";
  place.replaceChildren(...(file ? [view(name)] : []), told(name, file, away));
}

function view(name) {
  const made = element("img", { alt: `Your picture ${name}`, src: shown.url });
  made.onerror = () => made.remove(); // not every picture is one that a browser shows
  return made;
}

function told(name, file, away) {
  const line = file
    ? "Your picture. It is not in the address: a link to this page does not show it to others."
    : "This was searched by a picture, which is not in the address. Choose it again, or search by words.";
  const button = (text, onclick) => element("button", { type: "button", className: "quiet", onclick }, text);
  const ways = [button("Take it away", away)];
  if (!file) ways.unshift(button("Choose it again", () => byId("file").click()), " ");
  return element("div", {}, element("strong", {}, name), element("p", {}, line), ...ways);
}
