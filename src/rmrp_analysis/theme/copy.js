// A copied number takes along what it counts, of when and where, its edition, its caution, and its address.
on("copy", event => {
  const selection = getSelection(), range = selection.rangeCount && selection.getRangeAt(0);
  if (!range || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
  const clean = part => part?.textContent.replace(/[ \n]+/g, " ").trim() ?? "";
  const holdsFigure = part => {
    if (!range.intersectsNode(part)) return false;
    const cut = range.cloneRange();
    if (!part.contains(cut.startContainer)) cut.setStart(part, 0);
    if (!part.contains(cut.endContainer)) cut.setEnd(part, part.childNodes.length);
    return /\d/.test(cut);
  };
  const [block] = all(".rmrp-block[id]:not(.rmrp-masthead), .rmrp-headline").filter(holdsFigure);
  if (!block) return;
  const cards = all(".rmrp-cards dl > div").filter(holdsFigure), cells = all(".rmrp-block tbody td").filter(holdsFigure);
  const figures = [
    ...cards.map(card => `${clean(card.querySelector("dt"))}: ${clean(card.querySelector("dd"))}`),
    ...cells.map(cell => {
      const [row] = cell.parentNode.cells, heads = [...cell.closest("table").tHead?.rows ?? []].pop();
      return `${clean(row)}, ${clean(heads?.cells[cell.cellIndex])}: ${clean(cell)}`;
    }),
  ];
  const [period] = clean(document.querySelector(".plan")).split(" · ").slice(-1);
  const cautions = [...all(".rmrp-notice p"), ...all(".caution", block)].map(clean);
  const place = (figures.length === 1 && cards[0]?.id) || block.id || block.querySelector("[id]").id;
  const address = (location.protocol === "file:" ? `${page}.html` : location.href.split("#")[0]) + "#" + place;
  const line = [figures.join("; "), period, clean(document.querySelector(".rmrp-footer p")), ...cautions, address];
  const text = line.filter(Boolean).join(" · "), copy = make("div");
  copy.append(range.cloneContents(), make("p", { textContent: text }));
  event.clipboardData.setData("text/plain", `${selection}\n${text}`);
  event.clipboardData.setData("text/html", copy.innerHTML);
  event.preventDefault();
});
