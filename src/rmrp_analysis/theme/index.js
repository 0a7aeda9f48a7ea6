// Search, sorting, and choices in the address. All else works without.
const form = document.querySelector("form"), search = form.querySelector("#search"), message = form.querySelector(".shown");
const fields = [...form.querySelectorAll("input, select")];
const grids = [...document.querySelectorAll(".grid")].map(table =>
  ({ table, heads: [...table.rows[0].cells], rows: [...table.rows].slice(1) }));
const collator = new Intl.Collator(document.documentElement.lang);
const folded = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const words = text => text.split(/[\s,|()&-]+/).filter(Boolean);
// A sheet is found by its line, the places inside it and its sector, in every language.
const sheets = grids.flatMap(({ rows, heads }) => rows.flatMap(row =>
  [...row.cells].slice(2).filter(cell => cell.textContent).map(cell => {
    const head = heads[cell.cellIndex], { sought, inside } = row.dataset;
    return { cell, row, head, names: folded(`${sought}|${inside}|${head.dataset.sought}`) };
  })));
const isSheet = cell => cell.querySelector("a"); // a number without a sheet of its own is found, and not counted
let sorting = ""; // by a column; after "-" the largest first

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
  const matching = similar => sheets.filter(({ names }) => sought.every(word => found(word, names, similar)));
  const exact = matching(false), similar = !exact.length, matches = similar ? matching(true) : exact;
  const kept = new Set(matches.flatMap(({ cell, row, head }) => [cell, row, head]));
  for (const { cell } of sheets) cell.classList.toggle("off", !kept.has(cell));
  for (const { table, rows, heads } of grids) {
    for (const row of rows) {
      row.hidden = !kept.has(row);
      // The places inside that were sought, where the name of the line says nothing of them.
      const inside = sought.filter(word => !found(word, folded(row.dataset.sought)));
      const places = row.dataset.inside.split("|").filter(place => inside.some(word => found(word, folded(place), similar)));
      row.querySelector(".found").textContent = places.slice(0, 3).join(", ");
    }
    for (const head of heads.slice(2))
      for (const cell of [head, ...rows.map(row => row.cells[head.cellIndex])]) cell.hidden = !kept.has(head);
    table.closest("details")?.toggleAttribute("open", fields.some(chosen));
  }
  // A narrow page folds the sheets of each place until something is chosen.
  const isChosen = fields.some(field => field.name !== "language" && chosen(field));
  form.parentElement.classList.toggle("chosen", isChosen);
  const shown = matches.filter(({ cell }) => isSheet(cell) && (!isChosen || cell.getClientRects().length)).length;
  const text = message.dataset[!shown ? "nothing" : similar ? "similar" : "shown"];
  message.textContent = text.replace("{shown}", shown).replace("{all}", sheets.filter(({ cell }) => isSheet(cell)).length);
}

function sort() {
  const name = sorting.replace(/^-/, ""), sign = sorting.startsWith("-") ? -1 : 1;
  for (const { table, rows, heads } of grids) {
    const at = heads.findIndex(head => name && head.dataset.name === name);
    heads.forEach(head => head.removeAttribute("aria-sort"));
    heads[at]?.setAttribute("aria-sort", sign < 0 ? "descending" : "ascending");
    table.classList.toggle("mixed", at >= 0); // countries no longer follow their platform
    const number = ({ cells }) => cells[at].dataset.sort ? sign * cells[at].dataset.sort : Infinity; // last
    const compare = at > 0
      ? (one, other) => number(one) - number(other)
      : (one, other) => sign * collator.compare(one.cells[0].textContent, other.cells[0].textContent);
    table.tBodies[0].append(...(at < 0 ? rows : [...rows].sort(compare)));
  }
}

const chosen = field => field.value && field.selectedIndex !== 0; // the first option is no choice
function keep() {
  const state = new URLSearchParams(fields.filter(chosen).map(field => [field.name, field.value]));
  if (sorting) state.set("sort", sorting);
  history.replaceState(null, "", `#${state}`);
}

function restore() {
  const state = new URLSearchParams(location.hash.slice(1));
  for (const field of fields) {
    field.value = state.get(field.name) ?? "";
    if (field.selectedIndex < 0) field.selectedIndex = 0; // a choice of other sheets
  }
  sorting = state.get("sort") ?? "";
  sort();
  show();
}

for (const { heads } of grids) {
  for (const head of heads) {
    const button = document.createElement("button"), { name } = head.dataset;
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
