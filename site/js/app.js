/** Composition root: makes every part once and wires them. No logic of its own beyond the wires. */
import { bindButtons, isEnabled, makeActions } from "./actions.js";
import { readJson } from "./assets.js";
import { Boot } from "./boot.js";
import { Log, copyText, describe } from "./diagnostics.js";
import { isOfImage } from "./edits.js";
import { makeEmbedding } from "./embedding.js";
import { errorText, makeEventHandler } from "./events.js";
import { applyStrings, loadStrings, nameKeys, number, t } from "./i18n.js";
import { Graphics } from "./graphics.js";
import { Inbox } from "./inbox.js";
import { Keys } from "./keys.js";
import { pickLanguage } from "./language.js";
import { Opener } from "./open_image.js";
import { giveOthers } from "./others.js";
import { Persist } from "./persist.js";
import { makeProjectFile } from "./project_file.js";
import { Presses } from "./presses.js";
import { Project } from "./project.js";
import { makePreview } from "./preview.js";
import { publish } from "./public.js";
import { imageLayer } from "./render/image_layer.js";
import { marksLayer } from "./render/marks_layer.js";
import { maskLayer } from "./render/mask_layer.js";
import { Renderer } from "./render/renderer.js";
import { ready } from "./ready.js";
import { Rpc } from "./rpc.js";
import { keysBackAfterMenus, listenForKeys } from "./shortcuts.js";
import { Store } from "./store.js";
import { makePointing } from "./pointing.js";
import { makeAnnotations } from "./ui/annotations.js";
import { makeAside } from "./ui/aside.js";
import { makeBanner } from "./ui/banner.js";
import { makeBootCard } from "./ui/boot_card.js";
import { makePalette } from "./ui/class_palette.js";
import { makeBrushOptions } from "./ui/brush_options.js";
import { makeLineOptions } from "./ui/line_options.js";
import { makeClasses } from "./ui/classes.js";
import { makeConfirmOptions } from "./ui/confirm_options.js";
import { makeConfirmBar } from "./ui/confirm_bar.js";
import { isModal, makeProjectQuestions, makeRemoveQuestion } from "./ui/dialogs.js";
import { byId, loadIcons } from "./ui/dom.js";
import { download, listenForFiles } from "./ui/drop.js";
import { makeExporting } from "./ui/exporting.js";
import { makeGestureBar } from "./ui/gesture_bar.js";
import { makeGuide } from "./ui/guide.js";
import { makeHeader } from "./ui/header.js";
import { makeHistoryMenu } from "./ui/history_menu.js";
import { makeImages } from "./ui/images.js";
import { makeKeySheet } from "./ui/key_sheet.js";
import { makeLanguage, tellAnew } from "./ui/language.js";
import { makeImportAll } from "./ui/import_all.js";
import { makeImporting } from "./ui/importing.js";
import { takeIn } from "./take_in.js";
import { makeOffline } from "./ui/offline_ui.js";
import { makeProjectCard } from "./ui/project_card.js";
import { makeQuality } from "./ui/quality.js";
import { OwnModel, makeOwnModel } from "./own_model.js";
import { makeModelChooser } from "./ui/model_chooser.js";
import { makeHint, makeSamples } from "./ui/samples.js";
import { makeStatus } from "./ui/status.js";
import { makeDrawers, makeToolsPane } from "./ui/tools_pane.js";
import { makeTour } from "./ui/tour.js";
import { makeUnsafeBanner } from "./ui/unsafe_banner.js";
import { makeTonePanel } from "./ui/tone_panel.js";
import { makeTouchSign } from "./ui/touch_sign.js";
import { makeViewPanel } from "./ui/view_panel.js";
import { Viewport } from "./viewport.js";

/** @param {string} name */
const meta = (name) => /** @type {HTMLMetaElement|null} */ (document.querySelector(`meta[name="segmark-${name}"]`))?.content ?? "";

/** @param {ReturnType<typeof import("./prestart.js").prestart>} begun  what was begun before */
export async function start(begun) {
  const release = { version: meta("version"), build: meta("build") };
  const log = new Log();
  log.watchWindow();
  const store = new Store();
  const rpc = new Rpc((method) => (isOfImage(method) ? store.picture?.id ?? null : null));
  const persist = new Persist((keeping) => {
    store.keeping = keeping;
    store.changed("keeping");
  }, (image, isKept) => {
    store.refused[isKept ? "delete" : "add"](image);
    if (isKept) project.fileIsKept(image);
  }, () => store.changed("aside"));
  const [, , samples] = await Promise.all([loadStrings(pickLanguage(persist.settings.language)), loadIcons(), readJson("samples/samples.json")]);
  byId("app").hidden = false;
  byId("version").textContent = `Segmark ${release.version} · ${release.build}`;
  const project = new Project(store, persist, rpc);
  const viewport = new Viewport(byId("stage"));
  const status = makeStatus(store, viewport);
  makeUnsafeBanner(store, project);
  makeAside({ store, aside: persist.aside, project, say: status.say });
  const banner = makeBanner(store);

  /** What can be done with work of a newer version. @param {{image: string, name: string}} which */
  const newerChoices = ({ image, name }) => [
    { key: "journal.save", run: async () => download(new Blob([(await persist.journalOf(image)).join("\n")]), `${name}.journal.jsonl`, "application/jsonl") },
    { key: "journal.reload", run: () => location.reload() },
  ];

  /** What became of the work, where that is not clear. @param {string} code @param {string} text @param {boolean} hadPicture */
  function withWhatStays(code, text, hadPicture) {
    if (code.startsWith("import.")) return t("error.unchanged", { text });
    return hadPicture && code.startsWith("image.") ? t("error.kept", { text }) : text;
  }

  /** @param {any} error */
  function showError(error) {
    log.error("request", String(error?.code ?? error));
    const choices = error?.code === "journal.newer" ? newerChoices(error.params) : [];
    const hadPicture = store.picture !== null;
    banner.show(() => withWhatStays(String(error?.code), errorText(error), hadPicture), choices);
  }

  /** @type {import("./methods.js").Ask} */
  async function ask(method, params) {
    try {
      return (await rpc.call(method, params)).result;
    } catch (error) {
      log.error(method, String(/** @type {any} */ (error)?.code ?? error));
      status.say(errorText(error), "error");
      return undefined;
    }
  }

  const offline = makeOffline({ store, build: release.build, say: status.say });
  const exporting = makeExporting({ store, rpc, persist, project, say: status.say, showError });
  const quality = makeQuality({ store, rpc, viewport, persist, project, goTo: (image) => opener.show(image), write: exporting.write, showError });

  async function copyDiagnostics() {
    const text = await describe({ log, store, rpc, viewport, release, timings: presses.timings });
    status.say(t((await copyText(text)) ? "diagnostics.copied" : "diagnostics.failed"));
  }

  const card = makeProjectCard();
  const focusCanvas = () => byId("layer-marks").focus({ preventScroll: true });
  const opener = new Opener({ store, rpc, persist, project, showError, clearError: banner.hide, say: status.say });
  const importing = makeImporting({ store, rpc, project, importAll: makeImportAll({ project, opener }), showError });
  const renderer = new Renderer(byId("stage"), viewport, {
    image: { canvas: byId("layer-image"), draw: imageLayer(store, viewport) },
    masks: { canvas: byId("layer-masks"), draw: maskLayer(store, viewport) },
    marks: { canvas: byId("layer-marks"), draw: marksLayer(store, viewport) },
  });
  const inbox = new Inbox((message) => boot.fromPython(message));
  const presses = new Presses({ store, rpc, opener, renderer, inbox, showError });
  const onEvent = makeEventHandler({ store, rpc, persist, presses, say: status.say, exportProgress: exporting.progress, projectProgress: card.tell });
  const onRestart = (/** @type {string} */ which) => status.say(t(`restart.${which}`), "warn");
  const graphics = new Graphics(persist, store);
  const onGraphics = (/** @type {{ms: number, processorMs: number}} */ { ms, processorMs }) => {
    const isSlower = ms > processorMs;
    status.say(t(isSlower ? "graphics.slower" : "graphics.used", { ms: number(ms), processor: number(processorMs) }), isSlower ? "warn" : "info");
  };
  const boot = new Boot({ begun, graphics, onGraphics, store, rpc, persist, opener, log, inbox, onEvent, onRestart, own: new OwnModel(), onModels: (models) => chooser.setModels(models) });
  const ownModel = makeOwnModel({ boot, store, rpc, persist, tell: (code, params, level) => status.say(t(code, params), level), showError });
  const preview = makePreview({ store, rpc, viewport, persist });
  const palette = makePalette(store, ask, focusCanvas);
  const files = listenForFiles((chosen) => {
    void takeIn(chosen, { opener, importing, projectFile, ownModel, hasImage: store.picture !== null }).catch(showError);
  }, (n) => status.say(t("images.unread", { n }), "warn"));
  const questions = makeProjectQuestions();
  const projectFile = makeProjectFile({ rpc, store, persist, project, opener, mayReplace: questions.mayReplace, say: status.say, card });
  const saveProject = async () => {
    const answer = await questions.withFiles(project.images.length);
    if (answer !== null) await projectFile.save(answer).catch(showError);
  };
  let showHelp = () => {};
  let showGuide = () => {};
  let changeLanguage = () => {};
  const actions = makeActions({
    store, viewport, ask, persist, showExport: exporting.show, showQuality: quality.open, chooseImport: importing.choose, saveProject, copyDiagnostics, chooseFile: files.choose, chooseFolder: files.chooseFolder, project, opener,
    requestConfirm: (asOne) => { if (!pointing.finishGesture(asOne)) void palette.request(asOne); },
    finishGesture: (erase) => pointing.finishGesture(erase), backCorner: () => pointing.backCorner(), togglePreview: preview.toggle, hidePreview: preview.hide, closePalette: palette.close, savePage: offline.save, cancelGesture: () => pointing.cancelGesture(), showHelp: () => showHelp(), showGuide: () => showGuide(),
    changeLanguage: () => changeLanguage(), toggleHistory: makeHistoryMenu(store, ask, status.say).toggle, say: status.say, pressNegative: () => pointing.pressNegative(), toggleHold: () => pointing.toggleHold(),
  });
  const keys = new Keys(actions, persist, () => { nameKeys(keys.names()); tellAnew(store); });
  nameKeys(keys.names());
  applyStrings(document);
  showHelp = makeKeySheet(actions, keys);
  showGuide = makeGuide(actions, store, makeTour(store, persist));
  /** @param {number} step */
  function resize(step) {
    const action = actions[step > 0 ? "size.larger" : "size.smaller"];
    if (isEnabled(action)) action.run();
  }
  const pointing = makePointing({ store, viewport, presses, palette, ask, say: status.say, canvas: byId("layer-marks"), resize });

  makeViewPanel(store, persist);
  makeTonePanel(store, persist);
  makeImages({ store, project, opener, mayRemove: makeRemoveQuestion((image) => persist.aside.has(image)), showError });
  makeHeader(store);
  changeLanguage = makeLanguage(store, persist, showError);
  const chooser = makeModelChooser(store, persist, ask, { choose: files.chooseModel, forget: () => void ownModel.forget() }, graphics, (isUsed) => boot.useGraphics(isUsed), status.say);
  makeToolsPane(store, ask);
  makeBrushOptions(store, persist);
  makeLineOptions(store, persist);
  makeDrawers();
  makeClasses(store, ask, () => giveOthers({ rpc, persist, project }).catch((error) => { showError(error); return null; }));
  makeAnnotations(store, ask);
  makeConfirmBar(store);
  makeConfirmOptions(store, persist);
  makeGestureBar(store);
  makeTouchSign(store);
  makeBootCard(store, () => void boot.retry());
  bindButtons(actions, store);
  keysBackAfterMenus(focusCanvas);
  listenForKeys({ actions, isModal, canvasKey: pointing.canvasKey, digit });
  makeSamples(store, samples, (sample) => void opener.openSample(sample));
  makeHint(store, samples);
  redrawOn(store, renderer);
  const nameBuild = () => { byId("version").title = t("status.build", release); };
  store.on("words", () => { nameBuild(); status.showZoom(); });
  nameBuild();
  viewport.onChange = () => { renderer.invalidate(); status.showZoom(); };
  store.on("picture", () => {
    if (store.picture !== null) viewport.setImage(store.picture.width, store.picture.height);
    renderer.invalidate();
  });

  /** @param {string} key With a draft: its class, at once; with selected annotations: a new class for them. */
  function digit(key) {
    const label = store.mirror.labels.find((candidate) => candidate.key === key);
    if (label === undefined) return false;
    if (store.mirror.draft !== null) palette.finish(label);
    else if (store.picked.length > 0) void ask("annotations.relabel", { ids: store.picked, label_id: label.id });
    else return false;
    return true;
  }

  publish({ store, project, viewport, boot, opener, presses, release, rpc, ask });
  void ready.then(offline.begin); // its download waits for the first click
  const embedding = makeEmbedding({ store, rpc, opener, projectFile, showError });
  void ready.then(embedding.openProject);
  void embedding.listen(ready);
  const asked = new URLSearchParams(location.search).get("sample");
  forgetInAddress("sample", "project");
  opener.resumed = beginWith(asked).then((sample) => {
    if (sample === undefined) void embedding.openAsked();
    else void embedding.openAsked().then((opened) => { if (!opened) void opener.openSample(sample); });
  }).catch(showError); // what an earlier visit left cannot be read: other images can be opened all the same

  /** An earlier visit's work comes first; over a sample, the sample asked for is opened. @param {string|null} id @returns {Promise<any>} the sample to open, if any */
  async function beginWith(id) {
    const kept = await persist.load();
    const found = kept === null ? "whole" : await opener.resume(kept);
    const { current } = project;
    if (found !== "whole") status.say(t(`kept.${found}`, { name: current?.name ?? "" }), "warn");
    if (current !== null && (id === null || current.sample === null)) return undefined;
    const wanted = id ?? (persist.settings.ownImageOpened ? "none" : "scratch");
    return samples.find((/** @type {any} */ sample) => sample.id === wanted);
  }

  await boot.start();
}

/** The address asks for a sample or a project once: loading the page again brings back the work on it. @param {...string} names */
function forgetInAddress(...names) {
  const address = new URL(location.href);
  if (!names.some((name) => address.searchParams.has(name))) return;
  for (const name of names) address.searchParams.delete(name);
  try {
    history.replaceState(null, "", address);
  } catch {
    // a browser that does not let a page from disk change its address: the sample begins anew then
  }
}

/** Which change redraws which layer. @param {Store} store @param {Renderer} renderer */
function redrawOn(store, renderer) {
  store.on("preview", () => renderer.invalidate("masks"));
  store.on("masks", () => renderer.invalidate("masks"));
  let look = "";
  store.on("mirror", () => {
    renderer.invalidate("marks");
    const { labels, last_label_id: last, annotations } = store.mirror;
    const now = JSON.stringify([last, labels.map(({ id, color }) => [id, color]), annotations.filter(({ visible }) => !visible).map(({ id }) => id)]);
    if (now !== look) renderer.invalidate("masks"); // the masks themselves have a topic of their own
    look = now;
  });
  store.on("view", () => renderer.invalidate("masks", "marks"));
  store.on("pending", () => renderer.invalidate("marks"));
  store.on("gesture", () => renderer.invalidate("marks"));
  const followsCursor = () => store.mirror.mode.kind === "fixed_box" || store.mirror.mode.follow || store.view.tool !== "mark" || store.gesture !== null;
  store.on("cursor", () => { if (followsCursor() || store.crosshair !== null) renderer.invalidate("marks"); });
}
