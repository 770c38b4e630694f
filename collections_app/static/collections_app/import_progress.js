// Shows the progress of an import, which the notification "task_progress" reports.
const section = document.querySelector("[data-import]");
const bar = section.querySelector("progress");
const status = section.querySelector("[data-import-status]");
const doneNote = section.querySelector("[data-import-done]");

function show({ done, total }) {
  bar.value = done;
  status.textContent = section.dataset.text.replace("{done}", done).replace("{total}", total);
  doneNote.hidden = done < total;
}

document.addEventListener("notification:task_progress", ({ detail: { data } }) => {
  const isThisImport = String(data.import) === section.dataset.import;
  if (isThisImport) show(data);
});
