// What the pages gain from a script. Each function looks for one attribute; without the script the page still works.
// The attributes are listed in docs/design-language.md.

const english = document.documentElement.lang.toLowerCase().startsWith("en");
const say = (chinese, inEnglish) => (english ? inEnglish : chinese);

document.documentElement.classList.remove("no-js");

/** Tell people who listen instead of looking. */
function announce(text) {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}

/** Show a message the way the server shows one. */
function message(text, tone = "error") {
  const place = document.getElementById("messages");
  if (!place) return;
  const box = document.createElement("div");
  box.className = `message message-${tone}`;
  box.setAttribute("role", tone === "error" ? "alert" : "status");
  const line = document.createElement("p");
  line.textContent = text;
  box.append(line);
  place.append(box);
  box.scrollIntoView({ block: "nearest" });
}

function size(bytes) {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** input[data-limit]: files that are too large are said before anything is sent, so that nothing typed is lost. */
function tooLarge(form) {
  for (const input of form.querySelectorAll("input[type=file][data-limit]")) {
    const sum = [...input.files].reduce((bytes, file) => bytes + file.size, 0);
    const limit = Number(input.dataset.limit);
    if (sum <= limit) continue;
    message(
      say(
        `文件共${size(sum)}，一次最多${size(limit)}。没有提交，填写的内容都在；请压缩或拆分文件，或取消选择。`,
        `The files have ${size(sum)}; at most ${size(limit)} at once. Nothing was sent, what you filled in is still here; compress, split or deselect them.`,
      ),
    );
    return true;
  }
  return false;
}

/** form[data-upload]: send with a progress bar; the answer replaces the page. */
function upload(form, submitter) {
  const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
  if (!files.length) return false;
  const zone = form.querySelector("[data-upload-zone]") ?? form;
  zone.querySelectorAll("progress, .upload-state").forEach((old) => old.remove());
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.className = "progress-info";
  bar.setAttribute("aria-label", say("上传进度", "Upload progress"));
  const state = document.createElement("p");
  state.className = "upload-state";
  zone.append(bar, state);

  const request = new XMLHttpRequest();
  const buttons = form.querySelectorAll("button");
  const over = (text) => {
    bar.remove();
    state.textContent = text;
    announce(text);
    buttons.forEach((button) => (button.disabled = false));
  };
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = (event.loaded / event.total) * 100;
    state.textContent =
      event.loaded < event.total
        ? `${size(event.loaded)} / ${size(event.total)}`
        : say("已送达，正在检查文件……", "Sent; the file is being checked…");
  });
  request.addEventListener("load", () => {
    const type = request.getResponseHeader("content-type") ?? "";
    form.dataset.sent = "1";
    if (request.status === 413) return over(say("文件太大，服务器没有接收。请压缩或拆分后再传。", "The file is too large; the server did not take it."));
    if (request.status < 400 && request.responseURL && request.responseURL !== location.href) return location.assign(request.responseURL);
    if (type.includes("text/html")) {
      // A page with errors, or the same address again: put it in place of this one.
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      document.title = page.title;
      document.body.replaceWith(page.body);
      ready(document.body);
      window.htmx?.process(document.body);
      scrollTo(0, 0);
      return undefined;
    }
    return over(say("服务器没有接收这个文件。", "The server did not take the file."));
  });
  request.addEventListener("error", () => over(say("网络中断，文件没有传完；表单内容还在，可以再试。", "The connection broke; nothing was lost, please try again.")));
  const data = new FormData(form, submitter);
  request.open("POST", form.action);
  buttons.forEach((button) => (button.disabled = true));
  request.send(data);
  return true;
}

/** [data-upload-zone]: files may be dropped. */
function dropZone(zone) {
  const input = zone.querySelector("input[type=file]");
  if (!input || zone.dataset.ready) return;
  zone.dataset.ready = "1";
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("is-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/** What is new on the page (the whole page at first, a part after htmx). */
function ready(root) {
  root.querySelectorAll("[data-upload-zone]").forEach(dropZone);
  root.querySelectorAll("[data-print], [data-copy], [data-copy-text]").forEach((button) => (button.hidden = false));
  const focus = root.matches?.("[data-focus]") ? root : root.querySelector("[data-focus]");
  if (focus) focus.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const confirmation = event.submitter?.dataset.confirm;
  if (tooLarge(form)) return event.preventDefault();
  if (confirmation && !window.confirm(confirmation)) return event.preventDefault();
  delete form.dataset.changed;
  if (form.matches("form[data-upload]") && upload(form, event.submitter)) event.preventDefault();
  return undefined;
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form");
  if (form?.matches("[data-guard]")) form.dataset.changed = "1";
  if (form?.matches("[data-autosubmit]") && event.target.matches("select, input[list]")) form.requestSubmit();
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) form.dataset.changed = "1";
});
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-changed]")) event.preventDefault();
});

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy], [data-copy-text]");
  if (copy) {
    const text = copy.dataset.copyText ?? document.querySelector(copy.dataset.copy)?.textContent.trim() ?? "";
    try {
      await navigator.clipboard.writeText(text);
      announce(say("已复制", "Copied"));
      const before = copy.textContent;
      copy.textContent = say("已复制", "Copied");
      setTimeout(() => (copy.textContent = before), 1600);
    } catch {
      message(say("浏览器不允许复制，请手动选取。", "The browser refused to copy; please select the text."), "warning");
    }
  }
  if (event.target.closest("[data-print]")) window.print();
  // A menu closes when one clicks elsewhere.
  document.querySelectorAll("details.menu[open], details.drawer[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details.menu[open], details.drawer[open], details.seats[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary")?.focus();
});

window.addEventListener("beforeprint", () => {
  document.querySelectorAll("details[data-print-open]:not([open])").forEach((box) => {
    box.open = true;
    box.dataset.opened = "1";
  });
});
window.addEventListener("afterprint", () => {
  document.querySelectorAll("details[data-opened]").forEach((box) => {
    box.open = false;
    delete box.dataset.opened;
  });
});

document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr?.status;
  if (status === 403) message(say("没有权限，或登录已过期；请刷新页面后再试。", "Not allowed, or your session has ended; reload the page and try again."));
  else message(say(`服务器没有完成这一步（${status}）；内容没有改动。`, `The server did not do this (${status}); nothing was changed.`));
});
document.addEventListener("htmx:sendError", () => message(say("网络中断；内容没有改动。", "The connection broke; nothing was changed.")));

ready(document.body);

/** A wide process diagram opens at the stage where the case stands. */
for (const here of document.querySelectorAll(".diagram .node-current")) {
  const place = here.closest(".diagram");
  const [box, frame] = [here.getBoundingClientRect(), place.getBoundingClientRect()];
  place.scrollLeft += box.left + box.width / 2 - (frame.left + frame.width / 2);
}
