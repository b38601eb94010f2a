// Sorts and filters the list of reports; nothing is lost where it does not run.
(() => {
const table = document.getElementById("reports"), body = table.tBodies[0];
const box = document.getElementById("narrow");
const field = box.querySelector("input"), told = box.querySelector("output");
box.hidden = false;
const narrow = () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let n = 0;
  for (const row of body.rows) {
    row.hidden = !words.every(word => row.textContent.toLowerCase().includes(word));
    n += row.hidden ? 0 : 1;
  }
  told.value = n + " of " + body.rows.length + " reports";
};
field.addEventListener("input", narrow);
narrow();
[...table.tHead.rows[0].cells].forEach((head, place) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const rows = [...body.rows].sort((a, b) =>
      a.cells[place].textContent.localeCompare(b.cells[place].textContent, "en", {numeric: true}));
    body.append(...(up ? rows : rows.reverse()));
  });
});
})();
