// Shows how far an import is, as the notification "task_progress" tells it.
const place = document.querySelector("[data-import]");
const progress = place.querySelector("progress");

document.addEventListener("notification:task_progress", ({ detail: { data } }) => {
  if (String(data.import) !== place.dataset.import) return;
  progress.value = data.done;
  place.querySelector("[data-import-status]").textContent = place.dataset.text
    .replace("{done}", data.done)
    .replace("{total}", data.total);
  place.querySelector("[data-import-done]").hidden = data.done < data.total;
});
