/**
 * What the page may ask Python: method -> its parameters and its result (py/segmark/bridge/README.md says what each does). Types
 * only: tsc refuses a method or a parameter that is not here, tests/unit/test_methods.py compares the names with Python's table.
 *
 * @typedef {Record<string, never>} None
 * @typedef {{entries?: string[], id?: string, name?: string, page?: number, width?: number, height?: number}} Taken
 * @typedef {{only?: number[], images?: string[], mm_per_pixel?: number, tiny_px?: number}} Choice
 * @typedef {{x: number, y: number}} At
 * @typedef {{x0: number, y0: number, x1: number, y1: number}} Way
 * @typedef {number|string|null} Id
 * @typedef {{name: string, format: string, read: number, skipped: Record<string, number>, new_labels: string[], other_images: number, other_name: string, error: {code: string, params: any}|null}} FileReport  what was taken from a file
 * @typedef {Pick<import("./types.js").Mode, "kind"> & Partial<import("./types.js").Mode>} WantedMode
 *
 * @typedef {{
 *   "session.start": [{models: any, base: string, lang: string}, any],
 *   "session.restore": [{entries: string[]}, {restored: number}],
 *   "image.probe": [{name: string}, {format: string, width: number, height: number, pages: number, needs_us: boolean}],
 *   "image.decode": [{page: number, entries?: string[]}, {width: number, height: number, channels: number, levels: number[]}],
 *   "image.open": [{id: string, name: string, width: number, height: number, levels: number[], page: number, channels: number, entries?: string[]}, None],
 *   "image.close": [None, None],
 *   "image.mark": [{is_done: boolean}, None],
 *   "project.take": [Taken, {skipped: number}],
 *   "file.digest": [None, {sha256: string}],
 *   "project.unzip": [None, {names: string[], others: number, annotations: boolean}],
 *   "project.write": [{images: any[], current: string|null}, {mime: string}],
 *   "project.read": [None, {images: any[], current: string|null}],
 *   "pointer.press": [At & {button: "primary"|"secondary"}, {press_id: number}],
 *   "pointer.drag": [Way & {grip: string}, None],
 *   "preview.ask": [At, {box?: number[]}],
 *   "preview.drop": [None, None],
 *   "region.polygon": [{corners: number[]}, None],
 *   "mask.paint": [{path: number[], diameter: number, erase: boolean}, None],
 *   "mask.fill": [At & {erase: boolean}, None],
 *   "mask.polygon": [{corners: number[], erase: boolean}, {done: boolean}],
 *   "mask.scratch": [Way & {is_start_fixed: boolean, width: number|null, preview: boolean}, {path: number[]}],
 *   "mask.wand": [At & {tolerance: number, connectivity: number, erase: boolean}, None],
 *   "mask.refine": [{how: string}, None],
 *   "mode.set": [WantedMode, None],
 *   "model.set": [{id: string}, None],
 *   "model.own": [{entry: any}, None],
 *   "model.measure": [None, {id: string, ms: number}],
 *   "history.undo": [None, {code: string|null}],
 *   "history.list": [None, {past: string[], future: string[], from_start: boolean}],
 *   "history.walk": [{steps: number}, {done: number}],
 *   "history.redo": [None, {code: string|null}],
 *   "click.remove": [{index: number}, None],
 *   "click.move": [At & {index: number}, None],
 *   "draft.request_confirm": [{min_px: number}, {parts: number}],
 *   "draft.confirm": [{label_id: Id, as_one: boolean, min_px: number, takes: boolean}, {created: number[]}],
 *   "draft.cancel": [None, None],
 *   "label.add": [{name: string, color?: string}, {id: number}],
 *   "label.update": [{id: Id, name?: string, color?: string}, None],
 *   "label.remove": [{id: Id, images?: string[]}, None],
 *   "annotation.reopen": [{id: Id}, None],
 *   "annotation.delete": [{id: Id}, None],
 *   "annotation.split": [{id: Id}, None],
 *   "annotations.delete": [{ids: Id[]}, None],
 *   "annotations.merge": [{ids: Id[]}, None],
 *   "annotations.relabel": [{ids: Id[], label_id: Id}, None],
 *   "annotations.lock": [{ids: Id[], locked: boolean}, None],
 *   "annotations.show": [{ids: Id[], visible: boolean}, None],
 *   "annotations.copy": [{id: string, name: string, entries: string[]}, {copied: number}],
 *   "export.limits": [Choice, {annotations: number, formats: {id: string, limits: any[]}[]}],
 *   "export.write": [Choice & {format: string}, {filename: string, mime: string, has_masks: boolean}],
 *   "export.cancel": [None, None],
 *   "quality.report": [Choice, any],
 *   "import.read": [{names: string[], ask?: boolean, sure?: boolean, classes?: Record<string, number>}, {unknown?: {name: string, count: number}[], files?: FileReport[]}],
 *   "inference.attach": [None, None],
 *   "diagnostics.get": [None, any],
 *   "ping": [None, None],
 *   "bench.run": [{name: string, repeat: number}, any],
 * }} Methods
 *
 * @typedef {<M extends keyof Methods>(method: M, params?: Methods[M][0]) => Promise<Methods[M][1]|undefined>} Ask  failures are already told: undefined
 */
export {};
