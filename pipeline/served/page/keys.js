// The page without a mouse: `/` goes to the box, arrows move among the tiles.
import { byId } from "./element.js";

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function listen() {
  const box = byId("q");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !byId("panel").open && !typing(event.target)) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "ArrowDown" && event.target === box) {
      byId("results").querySelector(".tile")?.focus();
      event.preventDefault();
    } else if (event.key in MOVES || event.key === "Home" || event.key === "End") {
      const tile = event.target.closest?.(".tile");
      if (tile && moved(tile, event.key)) event.preventDefault();
    }
  });
}

const typing = (target) => target.matches?.("input:not([type=radio]), textarea, select") ?? false;

/** Focus the tile that lies there; whether there is one, or the box above the first row. */
function moved(tile, key) {
  const tiles = [...tile.closest(".tiles").querySelectorAll(".tile")];
  if (key === "Home" || key === "End") return focused(tiles.at(key === "Home" ? 0 : -1));
  const [across, down] = MOVES[key];
  if (across) return focused(tiles[tiles.indexOf(tile) + across]);
  const found = beyond(tile, tiles, down);
  if (!found && down < 0 && tile.closest("#results")) return focused(byId("q"));
  return focused(found);
}

/** The nearest tile of the next row above or below. */
function beyond(tile, tiles, down) {
  const from = tile.getBoundingClientRect();
  const rows = tiles.map((other) => [other, other.getBoundingClientRect()]);
  const there = rows.filter(([, box]) => (down > 0 ? box.top > from.top + 1 : box.top < from.top - 1));
  const row = (down > 0 ? Math.min : Math.max)(...there.map(([, box]) => box.top));
  const near = there.filter(([, box]) => Math.abs(box.top - row) <= 1);
  near.sort(([, a], [, b]) => Math.abs(a.left - from.left) - Math.abs(b.left - from.left));
  return near[0]?.[0];
}

function focused(found) {
  found?.focus();
  found?.scrollIntoView({ block: "nearest" });
  return Boolean(found);
}
