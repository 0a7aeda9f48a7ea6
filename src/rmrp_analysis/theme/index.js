// The index of a run: search, sorting, and choices in the address. All else works without.
const form = document.querySelector("form"), search = form.querySelector("#search"), message = form.querySelector(".shown");
const fields = [...form.querySelectorAll("input, select")];
const tables = [...document.querySelectorAll(".grid, .list")].map(table =>
  ({ table, rows: [...table.tBodies[0].rows], heads: [...table.tHead.rows[0].cells] }));
const rows = [...document.querySelectorAll("tr[data-sought]")], grids = tables.slice(0, -1);
const collator = new Intl.Collator(document.documentElement.lang);
const folded = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const words = text => text.split(/[\s,|()&-]+/).filter(Boolean);
const names = new Map(rows.map(row => [row, folded(`${row.dataset.sought}|${row.dataset.places}`)]));
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

function show() {
  const sought = words(folded(search.value));
  const matching = similar => rows.filter(row => sought.every(word => found(word, names.get(row), similar)));
  const exact = matching(false), similar = !exact.length, matches = similar ? matching(true) : exact;
  for (const row of rows) {
    row.hidden = !matches.includes(row);
    row.querySelector(".found")?.remove();
    // The places inside a sheet that were sought, where its name says nothing of them.
    const inside = row.hidden ? [] : sought.filter(word => !found(word, folded(row.dataset.sought)));
    const places = row.dataset.places.split("|").filter(place => inside.some(word => found(word, folded(place), similar)));
    if (!places.length) continue;
    const note = Object.assign(document.createElement("span"), { className: "found", textContent: places.slice(0, 3).join(", ") });
    row.querySelector("th:last-of-type").append(note);
  }
  for (const grid of grids) showGrid(grid, new Set(matches.map(row => row.dataset.report)));
  const shown = rows.filter(row => row.getClientRects().length).length;
  const text = message.dataset[!shown ? "nothing" : similar ? "similar" : "shown"];
  message.textContent = text.replace("{shown}", shown).replace("{all}", rows.length);
}

// Only lines and columns with a match stay; in these, cells without one are empty.
function showGrid(grid, matches) {
  for (const row of grid.rows) {
    for (const cell of row.querySelectorAll("td")) cell.classList.toggle("off", !matches.has(cell.dataset.report));
    row.hidden = !row.querySelector("td:not(.off)");
  }
  grid.heads.forEach((head, at) => {
    const cells = grid.rows.map(row => row.cells[at]), off = cells.every(cell => cell.classList.contains("off"));
    for (const cell of [head, ...cells]) cell.hidden = off;
  });
  grid.table.parentElement.hidden = grid.rows.every(row => row.hidden);
}

function sort() {
  const name = sorting.replace(/^-/, ""), sign = sorting.startsWith("-") ? -1 : 1;
  for (const { table, rows, heads } of tables) {
    const at = heads.findIndex(head => name && head.dataset.name === name), number = at > 0 && heads[at].matches(".number");
    heads.forEach(head => head.removeAttribute("aria-sort"));
    heads[at]?.setAttribute("aria-sort", sign < 0 ? "descending" : "ascending");
    table.classList.toggle("mixed", at > 0); // a sector's rows no longer stand together
    const key = row => number ? row.cells[at]?.dataset.sort : row.cells[at].textContent;
    const compare = (one, other) => {
      const a = key(one), b = key(other);
      if (a === undefined || b === undefined) return (a === undefined) - (b === undefined); // no number: last
      return sign * (number ? a - b : collator.compare(a, b));
    };
    table.tBodies[0].append(...(at < 0 ? rows : [...rows].sort(compare)));
  }
}

function keep() {
  const state = new URLSearchParams(fields.filter(field => field.value).map(field => [field.name, field.value]));
  if (sorting) state.set("sort", sorting);
  history.replaceState(null, "", `#${state}`);
}

function restore() {
  const state = new URLSearchParams(location.hash.slice(1));
  for (const field of fields) {
    field.value = state.get(field.name) ?? "";
    if (field.selectedIndex < 0) field.value = ""; // a choice that the run does not have
  }
  sorting = state.get("sort") ?? "";
  sort();
  show();
}

for (const { table, heads } of tables) {
  table.classList.add("sortable");
  for (const head of heads.filter(head => head.dataset.name)) {
    const button = document.createElement("button"), { name } = head.dataset;
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.onclick = () => {
      const first = (head.matches(".number") ? "-" : "") + name;
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
