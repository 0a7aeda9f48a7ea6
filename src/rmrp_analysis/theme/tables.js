
// Where a narrow page shows a table as a list, some browsers forget what its parts are.
const ROLES = { table: "table", tr: "row", td: "cell", th: "rowheader", "thead th": "columnheader" };
for (const parts in ROLES)
  for (const part of document.querySelectorAll(parts)) part.setAttribute("role", ROLES[parts]);
