
// A table that a narrow page shows as a list: some browsers forget what its parts are.
const ROLES = {
  table: "table", "thead, tbody": "rowgroup", tr: "row", td: "cell",
  "[scope^=col]": "columnheader", "[scope^=row]": "rowheader",
};
for (const [parts, role] of Object.entries(ROLES))
  for (const part of document.querySelectorAll(parts)) part.setAttribute("role", role);
