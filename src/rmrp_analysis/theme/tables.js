
// Where a narrow page lays a table out as a list, some browsers forget that it is a table, unless its parts say so.
const ROLES = {
  table: "table", "thead, tbody": "rowgroup", tr: "row", td: "cell",
  "th[scope^=col]": "columnheader", "th[scope^=row]": "rowheader",
};
for (const [parts, role] of Object.entries(ROLES))
  for (const part of document.querySelectorAll(parts)) part.setAttribute("role", role);
