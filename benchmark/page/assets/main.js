// What happens when the page opens, and when a choice changes.

function renderChoice() {
  renderScores();
  renderList();
  renderOverview();
}

fillChoice();
renderSummary();
renderChoice();
renderRanks();
renderCost();
renderPrinted();
renderAbout();
document.querySelectorAll("form").forEach((form) => form.addEventListener("submit", (event) => event.preventDefault()));
document.getElementById("metric").addEventListener("change", renderChoice);
document.getElementById("group").addEventListener("change", renderChoice);
document.getElementById("rows").addEventListener("change", renderScores);
for (const id of ["by-status", "by-verdict"]) document.getElementById(id).addEventListener("change", renderList);
document.getElementById("other-file").addEventListener("change", readOther);

const other = parse("other");
if (other) showComparison(other);

const named = location.hash.match(/^#cell\/([^/]+)\/([^/]+)$/);
if (named) openCell(named[1], named[2]);
document.documentElement.dataset.ready = "yes";
