// The leaderboard as it is printed, one at a time, that over most data sets first.

function renderLeaderboard() {
  const blocks = RUN.leaderboard?.blocks ?? [];
  if (!blocks.length) return leaveOut("leaderboards");
  const select = document.getElementById("leaderboard-of");
  select.append(...blocks.map((block, place) => el("option", { value: place }, block.title)));
  const show = () => printedGrid(document.getElementById("leaderboard-table"), blocks[Number(select.value)], RUN.leaderboard.title);
  select.addEventListener("change", show);
  document.getElementById("leaderboard-notes").append(...RUN.leaderboard.notes.map((note) => el("li", {}, note)));
  show();
}
