// What a page adds where scripts run; it is whole without.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
const on = (events, act) => events.split(" ").forEach(kind => addEventListener(kind, act));

// Menus close by Escape, and when click or focus leaves.
const MENUS = ".rmrp-bar details, .rmrp-menu";
const closeMenus = kept => all(MENUS).forEach(menu => menu.open &&= menu === kept);
on("click focusin", event => closeMenus(event.target.closest(MENUS)));
on("keydown", event => {
  if (event.key !== "Escape") return;
  document.activeElement.closest(MENUS)?.querySelector("summary").focus();
  closeMenus();
  hideTip(shown);
});

// A menu on each drawing or table.
const page = location.pathname.split("/").pop().replace(/\.html$/, "");
for (const block of all(".rmrp-block[id]")) {
  const [heading, svg, table] = ["h2", "figure svg", "table"].map(part => block.querySelector(part));
  if (!heading || !(svg || table)) continue;
  const menu = document.querySelector("template").content.firstElementChild.cloneNode(true);
  const save = (suffix, type, ...parts) => make("a", {
    href: URL.createObjectURL(new Blob(parts, { type })), download: `${page}.${block.id}.${suffix}`,
  }).click();
  const acts = {
    link: async () => {
      location.hash = block.id;
      const { copied, address } = said.dataset;
      said.textContent = await navigator.clipboard?.writeText(location.href).then(() => copied, () => "") || address;
    },
    png: svg && (async () => save("png", "image/png", await inDots(drawing(svg, block)))),
    svg: svg && (() => save("svg", "image/svg+xml", drawing(svg, block))),
    csv: table && (() => save("csv", "text/csv", "\ufeff", csv(table))),
  };
  for (const button of all("button", menu)) acts[button.value] ? button.onclick = acts[button.value] : button.parentNode.remove();
  const said = menu.querySelector("[role]");
  menu.querySelector(".hidden").append(heading.textContent);
  heading.after(menu);
  block.classList.add("has-menu");
}

// A drawing between its headings and the page's title, which says what is illustrative.
function drawing(svg, block) {
  const copy = svg.cloneNode(true), { width, height } = svg.viewBox.baseVal;
  const line = (text, y, size, weight) => `<text y="${y}" font-weight="${weight}" style="fill: #ink; font-size:
    ${Math.min(size, width / text.length / 0.5)}px">${make("p", { textContent: text }).innerHTML}</text>`;
  const heads = all(".kicker, h2", block).map((head, at, { length }) => line(head.textContent, 12 * (at - length) + 5, 9, 600));
  const [fonts] = document.querySelector("style").textContent.split("/*");
  copy.setAttribute("viewBox", `-6 -26 ${width + 12} ${height + 42}`);
  copy.setAttribute("width", width + 12);
  copy.setAttribute("height", height + 42);
  copy.insertAdjacentHTML("afterbegin", `<style>${fonts}</style><rect x="-6" y="-26" width="100%" height="100%" fill="#fff"/>
    ${heads.join("")}${line(document.title, height + 11, 7, 400)}`);
  return new XMLSerializer().serializeToString(copy).replace(/var\(--[\w-]+, (#\w+)\)/g, "$1");
}
async function inDots(svg) {
  const image = make("img", { src: "data:image/svg+xml," + encodeURIComponent(svg) });
  await image.decode();
  const width = 4 * image.width, height = 4 * image.height, canvas = make("canvas", { width, height });
  canvas.getContext("2d").drawImage(image, 0, 0, width, height);
  return new Promise(done => canvas.toBlob(done));
}
function csv(table) {
  const copy = table.cloneNode(true);
  all("[aria-hidden]", copy).forEach(sign => sign.remove());
  const number = text => text.replace(/(?<=\d)\s(?=\d{3}(?!\d))/g, "");  // as spreadsheet programs read it
  const text = cell => number(cell.textContent.trim()).replace(/\s+/g, " ").replace(/^(?=[=+@]|-\D)/, "'");
  const quoted = text => `"${text.replaceAll('"', '""')}"`;
  const rows = [...copy.rows].map(row => [...row.cells].map(text));
  return [...rows, [document.title]].map(row => row.map(quoted).join(#with_point ? "," : ";")).join("\r\n");
}

// Tables that sort by their heads.
const { lang } = document.documentElement, FACTORS = #factors;
function numberIn(cell) {
  const text = (cell.querySelector("b") ?? cell).textContent.replace(/\s/g, "");
  if (text[0] === "<") return 0.5;  // few are more than nobody
  const [, digits, unit] = /^[US$D]*(-?[\d.,]+)(\w*)%?$/.exec(text) ?? [];
  const [thousands, decimal] = #with_point ? [/,(?=\d{3})/g, "."] : [/\.(?=\d{3})/g, ","];
  return digits?.replace(thousands, "").replace(decimal, ".") * (FACTORS[unit] ?? 1);
}
for (const table of all(".rmrp-block table")) {
  const heads = all("thead:not(.hidden) tr:only-child > *", table), [body] = table.tBodies, rows = [...body.rows];
  if (!heads.length || rows.length < 3 || body.querySelector("[rowspan], [colspan]")) continue;
  table.classList.add("sorts");
  heads.forEach((head, column) => {
    if (!head.textContent.trim()) return;
    const text = row => row.cells[column].textContent.trim();
    const months = rows.every(row => /\D \d{4}$/.test(text(row)));
    const keys = new Map(rows.map((row, place) => [row, months ? place : numberIn(row.cells[column])]));
    const key = row => keys.get(row), isNumber = !rows.map(key).every(isNaN), first = isNumber && !months ? -1 : 1;
    const compare = isNumber  // the unknown stays last
      ? (a, b) => isNaN(key(a)) - isNaN(key(b)) || way * (key(a) - key(b)) || 0
      : (a, b) => way * text(a).localeCompare(text(b), lang);
    const button = make("button", { className: "sort" });
    let way;
    button.append(...head.childNodes);
    head.append(button);
    button.onclick = () => {
      way = head.ariaSort ? -way : first;
      heads.forEach(each => each.ariaSort = null);
      head.ariaSort = way > 0 ? "ascending" : "descending";
      body.append(...rows.sort(compare));
    };
  });
}

// The value of a mark, by pointer, finger or arrow keys; voices have the table.
const tip = document.body.appendChild(make("div", { className: "rmrp-tip", hidden: true, ariaHidden: true }));
let shown, gone, leaving;
function showTip(mark) {
  clearTimeout(leaving);
  if (mark === shown || mark === gone) return;
  hideTip();
  shown = mark;
  mark.classList.add("shown");
  tip.textContent = mark.dataset.tip;
  tip.hidden = false;
  const { left, width, top, bottom } = mark.getBoundingClientRect(), { offsetWidth, offsetHeight } = tip;
  const middle = Math.min(document.body.clientWidth - offsetWidth, left + (width - offsetWidth) / 2);
  tip.style.left = `${scrollX + Math.max(0, middle)}px`;
  tip.style.top = `${scrollY + (top > offsetHeight ? top - offsetHeight : bottom)}px`;
}
function hideTip(by) {
  gone = by;
  shown?.classList.remove("shown");
  shown = null;
  tip.hidden = true;
}
function away(mark, x, y) {
  const { left, right, top, bottom } = mark.getBoundingClientRect();
  return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
}
on("pointermove pointerdown", ({ target, clientX: x, clientY: y }) => {
  clearTimeout(leaving);
  if (tip.contains(target)) return;
  const bar = target.closest("td .bar"), figure = target.closest("figure");
  if (bar) bar.dataset.tip = [bar.closest("tr").cells[0], bar.parentNode].map(cell => cell.innerText.trim()).join(": ");
  const marks = figure ? all("[data-tip]", figure).reverse() : [];  // the topmost first
  const [near] = marks.filter(mark => away(mark, x, y) < 24).sort((a, b) => away(a, x, y) - away(b, x, y));
  if (near ?? bar) showTip(near ?? bar);
  else leaving = setTimeout(hideTip, 300);
});
for (const figure of all("figure:has([data-tip])")) {
  const marks = all("[data-tip]", figure);
  figure.tabIndex = 0;
  figure.onblur = () => hideTip();
  figure.onfocus = () => figure.matches(":focus-visible") && showTip(marks[0]);
  figure.onkeydown = event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) showTip(marks.at((marks.indexOf(shown ?? gone) + step) % marks.length));
  };
}
