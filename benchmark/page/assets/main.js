// What happens when the page opens, and when a choice changes.

function renderChoice() {
  renderHeat();
  renderScores();
  renderList();
  renderOverview();
}

fillChoice();
fillSieve();
renderSummary();
renderFound();
renderChoice();
renderLeaderboard();
renderRanks();
renderCost();
renderPrinted();
renderAbout();
document.querySelectorAll("form").forEach((form) => form.addEventListener("submit", (event) => event.preventDefault()));
for (const id of ["metric", "group", "family"]) document.getElementById(id).addEventListener("change", renderChoice);
document.getElementById("rows").addEventListener("change", renderScores);
for (const id of ["by-status", "by-verdict"]) document.getElementById(id).addEventListener("change", renderList);
document.getElementById("other-file").addEventListener("change", readOther);

const other = parse("other");
if (other) showComparison(other);

const named = location.hash.match(/^#cell\/([^/]+)\/([^/]+)$/);
if (named) openCell(named[1], named[2]);
document.documentElement.dataset.ready = "yes";
