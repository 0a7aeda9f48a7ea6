// The index of a run: search, sorting, and choices in the address. All else works without.
const form = document.querySelector("form"), search = form.querySelector("#search"), message = form.querySelector(".shown");
const fields = [...form.querySelectorAll("input, select")];
const grids = [...document.querySelectorAll(".grid")].map(table =>
  ({ table, rows: [...table.tBodies[0].rows], heads: [...table.tHead.rows[0].cells] }));
const cells = grids.flatMap(({ rows, heads }) => rows.flatMap(row =>
  [...row.cells].slice(2).filter(cell => cell.textContent).map(cell => ({ cell, row, head: heads[cell.cellIndex] }))));
const collator = new Intl.Collator(document.documentElement.lang);
const folded = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const words = text => text.split(/[\s,|()&-]+/).filter(Boolean);
let sorting = ""; // the name of a column; with "-" before it, the largest first

// How many letters to add, drop, change or swap until a word begins with what is sought.
function slips(sought, word) {
  const end = sought.length;
  let earlier, last = [...sought, ""].map((_, at) => at), fewest = end;
  for (let at = 1; at <= word.length; at++) {
    const next = [at];
    for (let to = 1; to <= end; to++) {
      next[to] = Math.min(last[to] + 1, next[to - 1] + 1, last[to - 1] + (word[at - 1] !== sought[to - 1]));
      if (at > 1 && to > 1 && word[at - 1] === sought[to - 2] && word[at - 2] === sought[to - 1])
        next[to] = Math.min(next[to], earlier[to - 2] + 1);
    }
    [earlier, last] = [last, next];
    fewest = Math.min(fewest, last[end]);
  }
  return fewest;
}
const near = (sought, word) => sought.length > 3 && slips(sought, word) <= (sought.length > 7 ? 2 : 1);
const found = (sought, text, similar) => text.includes(sought) || (similar && words(text).some(word => near(sought, word)));

// A sheet is found by the names of its line, of the places inside it, of its sector, in every language.
function show() {
  const sought = words(folded(search.value)), { rows, heads } = {
    rows: grids.flatMap(grid => grid.rows), heads: grids.flatMap(grid => grid.heads.filter(head => head.dataset.sought)),
  };
  const matching = similar => {
    const within = parts => new Map(parts.map(part => {
      const text = folded(`${part.dataset.sought}|${part.dataset.inside ?? ""}`);
      return [part, sought.map(word => found(word, text, similar))];
    }));
    const inRow = within(rows), inHead = within(heads);
    return cells.filter(({ row, head }) => sought.every((_, at) => inRow.get(row)[at] || inHead.get(head)[at]));
  };
  const exact = matching(false), similar = !exact.length, matches = new Set(similar ? matching(true) : exact);
  const kept = new Set([...matches].flatMap(({ cell, row, head }) => [cell, row, head]));
  for (const { cell } of cells) cell.classList.toggle("off", !kept.has(cell));
  for (const row of rows) {
    row.hidden = !kept.has(row);
    row.querySelector(".found")?.remove();
    // The places inside that were sought, where the name of the line says nothing of them.
    const inside = sought.filter(word => !found(word, folded(row.dataset.sought)));
    const places = row.dataset.inside.split("|").filter(place => inside.some(word => found(word, folded(place), similar)));
    if (row.hidden || !places.length) continue;
    row.cells[0].append(Object.assign(document.createElement("span"), { className: "found", textContent: places.slice(0, 3).join(", ") }));
  }
  for (const { table, rows, heads } of grids) {
    for (const head of heads.filter(head => head.dataset.sought))
      for (const cell of [head, ...rows.map(row => row.cells[head.cellIndex])]) cell.hidden = !kept.has(head);
    const folding = table.closest("details");
    if (folding && fields.some(chosen)) folding.open = rows.some(row => !row.hidden);
  }
  const shown = cells.filter(({ cell }) => kept.has(cell) && (cell.getClientRects().length || cell.closest("details:not([open])"))).length;
  const text = message.dataset[!shown ? "nothing" : similar ? "similar" : "shown"];
  message.textContent = text.replace("{shown}", shown).replace("{all}", cells.length);
}

function sort() {
  const name = sorting.replace(/^-/, ""), sign = sorting.startsWith("-") ? -1 : 1;
  for (const { table, rows, heads } of grids) {
    const at = heads.findIndex(head => name && head.dataset.name === name), number = at > 0;
    heads.forEach(head => head.removeAttribute("aria-sort"));
    heads[at]?.setAttribute("aria-sort", sign < 0 ? "descending" : "ascending");
    table.classList.toggle("mixed", at >= 0); // countries no longer follow their platform
    const key = row => number ? row.cells[at].dataset.sort || undefined : row.cells[0].textContent;
    const compare = (one, other) => {
      const a = key(one), b = key(other);
      if (a === undefined || b === undefined) return (a === undefined) - (b === undefined); // no number: last
      return sign * (number ? a - b : collator.compare(a, b));
    };
    table.tBodies[0].append(...(at < 0 ? rows : [...rows].sort(compare)));
  }
}

const chosen = field => field.value && field.selectedIndex !== 0; // the first option is what stands without a choice
function keep() {
  const state = new URLSearchParams(fields.filter(chosen).map(field => [field.name, field.value]));
  if (sorting) state.set("sort", sorting);
  history.replaceState(null, "", `#${state}`);
}

function restore() {
  const state = new URLSearchParams(location.hash.slice(1));
  for (const field of fields) {
    field.value = state.get(field.name) ?? "";
    if (field.selectedIndex < 0) field.selectedIndex = 0; // a choice that the run does not have
  }
  sorting = state.get("sort") ?? "";
  sort();
  show();
}

for (const { heads } of grids) {
  for (const head of heads) {
    const button = document.createElement("button"), { name } = head.dataset;
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.onclick = () => {
      const first = (head.cellIndex ? "-" : "") + name;
      sorting = sorting !== first ? first : first === name ? `-${name}` : name;
      sort();
      keep();
    };
  }
}
search.parentElement.hidden = false;
form.oninput = () => { show(); keep(); };
form.onreset = () => setTimeout(() => { sorting = ""; sort(); show(); keep(); });
form.onsubmit = event => event.preventDefault();
onhashchange = restore;
restore();
