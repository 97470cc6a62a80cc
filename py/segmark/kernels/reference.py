"""What each kernel means, in numpy: slow, short, and the judge of the C twins.

Frames: see ``geometry.py``. A *square* ``(sx, sy, side)`` is the crop in image pixels that the network sees; net pixel ``u`` has its
centre at image position ``(u + 0.5) * side / size + sx`` (a continuous coordinate in which pixel ``i`` covers ``[i, i + 1)``).
All arithmetic that the C twins repeat is float32 in the same order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def reflect(index: Array, low: int, high: int) -> Array:
    """Indices reflected into ``[low, high)`` without repeating the edge (BORDER_REFLECT_101), as often as needed."""
    extent = high - low
    if extent == 1:
        return np.full_like(index, low)
    period = 2 * (extent - 1)
    offset = np.mod(index - low, period)
    return low + np.where(offset < extent, offset, period - offset)


def axis_weights(start: int, side: int, size: int) -> tuple[Array, Array]:
    """The taps that resample one axis of a square.

    Returns
    -------
    index : int64 (size, taps)
        Image positions, not yet reflected.
    weight : float32 (size, taps)
        Each row sums to 1. Area coverage when ``side > size``, else bilinear between pixel centres.
    """
    scale = side / size
    u = np.arange(size, dtype=np.float64)
    if side > size:
        low, high = u * scale, (u + 1) * scale
        first = np.floor(low).astype(np.int64)
        taps = int(np.ceil(scale)) + 1
        index = first[:, None] + np.arange(taps)[None, :]
        cover = np.minimum(high[:, None], index + 1) - np.maximum(low[:, None], index)
        weight = np.maximum(cover, 0.0) / scale
    else:
        centre = (u + 0.5) * scale - 0.5
        first = np.floor(centre).astype(np.int64)
        index = first[:, None] + np.arange(2)[None, :]
        right = centre - first
        weight = np.stack([1.0 - right, right], axis=1)
    return index + start, weight.astype(np.float32)


def _dense(index: Array, weight: Array, length: int) -> Array:
    matrix = np.zeros((index.shape[0], length), np.float32)
    rows = np.broadcast_to(np.arange(index.shape[0])[:, None], index.shape)
    inside = (index >= 0) & (index < length)
    np.add.at(matrix, (rows[inside], index[inside]), weight[inside])
    return matrix


def crop_resize_chw(image: Array, valid: tuple[int, int, int, int], square: tuple[int, int, int], size: int) -> Array:
    """Crop, pad by reflection, normalise, resize, HWC to CHW; see the package's wrapper."""
    x0, y0, x1, y1 = valid
    sx, sy, side = square
    crop = image[y0:y1, x0:x1]
    crop = np.repeat(crop[:, :, None], 3, axis=2) if crop.ndim == 2 else crop[:, :, :3]
    index_y, weight_y = axis_weights(sy, side, size)
    index_x, weight_x = axis_weights(sx, side, size)
    rows = _dense(reflect(index_y, y0, y1) - y0, weight_y, y1 - y0)
    columns = _dense(reflect(index_x, x0, x1) - x0, weight_x, x1 - x0)
    planes = crop.astype(np.float32).transpose(2, 0, 1)
    out = np.matmul(np.matmul(rows[None], planes), columns.T[None])
    return np.ascontiguousarray(out * np.float32(1 / 255), dtype=np.float32)


def mask_to_net(mask: Array, mask_origin: tuple[int, int], square: tuple[int, int, int], size: int) -> Array:
    """A window of a 0/1 mask in the net frame, zero outside the window."""
    ox, oy = mask_origin
    sx, sy, side = square
    height, width = mask.shape
    rows = _dense(axis_weights(sy, side, size)[0] - oy, axis_weights(sy, side, size)[1], height)
    columns = _dense(axis_weights(sx, side, size)[0] - ox, axis_weights(sx, side, size)[1], width)
    return np.ascontiguousarray(rows @ (mask != 0).astype(np.float32) @ columns.T, dtype=np.float32)


def click_maps(clicks_net: Array, is_positive: Array, size: int, radius: float) -> Array:
    """Discs of the positive (channel 0) and the negative clicks (channel 1)."""
    out = np.zeros((2, size, size), np.float32)
    grid = np.arange(size, dtype=np.float32)
    limit = np.float32(radius) * np.float32(radius)
    points = clicks_net.astype(np.float32)
    for k, positive in enumerate(is_positive):
        dx, dy = grid - points[k, 0], grid - points[k, 1]
        with np.errstate(over="ignore"):  # a click far outside: infinity is not within the radius
            inside = (dx * dx)[None, :] + (dy * dy)[:, None] <= limit
        out[0 if positive else 1][inside] = 1.0
    return out


def sigmoid(logits: Array) -> Array:
    """``1 / (1 + exp(-x))`` in float32; NaN counts as -inf (background)."""
    x = np.where(np.isnan(logits), np.float32(-87), logits).astype(np.float32)
    out: Array = (1 / (1 + np.exp(-np.clip(x, -87, 87)))).astype(np.float32)
    return out


def _sample_axis(start: int, side: int, size: int, positions: Array) -> tuple[Array, Array, Array]:
    u = (positions.astype(np.float64) + 0.5 - start) * (size / side) - 0.5
    u = np.clip(u, 0.0, size - 1.0)
    low = np.minimum(np.floor(u).astype(np.int64), max(size - 2, 0))
    high = np.minimum(low + 1, size - 1)
    return low, high, (u - low).astype(np.float32)


def _between(left: Array, right: Array, share: Array) -> Array:
    """``left + share * (right - left)``, never beyond its ends.

    With a share near 1 float32 may round past `right`; then a pixel between two net pixels on the same side of the
    threshold would come out on the other one. The C twin of `paste_mask` decides such pixels by their ends alone.
    """
    value: Array = left + share * (right - left)
    return np.clip(value, np.minimum(left, right), np.maximum(left, right))


def enlarge(prob: Array, square: tuple[int, int, int], xs: Array, ys: Array) -> Array:
    """Bilinear samples (half-pixel, edge clamp) of net-frame `prob` on the grid of image columns `xs` and rows `ys`."""
    sx, sy, side = square
    size = prob.shape[0]
    low_y, high_y, fy = _sample_axis(sy, side, size, ys)
    low_x, high_x, fx = _sample_axis(sx, side, size, xs)
    rows = prob[low_y] + fy[:, None] * (prob[high_y] - prob[low_y])
    return _between(rows[:, low_x], rows[:, high_x], fx[None, :])


def window_of(box: tuple[int, int, int, int], origin: tuple[int, int], shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Image columns and rows of box ∩ window."""
    x0, y0, x1, y1 = box
    ox, oy = origin
    xs = np.arange(max(x0, ox), max(min(x1, ox + shape[1]), x0, ox))
    ys = np.arange(max(y0, oy), max(min(y1, oy + shape[0]), y0, oy))
    return xs, ys


def paste_mask(
    logits: Array,
    square: tuple[int, int, int],
    box: tuple[int, int, int, int],
    mask: Array,
    origin: tuple[int, int],
    threshold: float,
) -> None:
    """Sigmoid, enlarge, threshold, paste."""
    xs, ys = window_of(box, origin, mask.shape)
    if not len(xs) or not len(ys):
        return
    prob = enlarge(sigmoid(logits), square, xs, ys)
    ox, oy = origin
    mask[ys[0] - oy : ys[-1] + 1 - oy, xs[0] - ox : xs[-1] + 1 - ox] = prob >= np.float32(threshold)


def tent(start: int, stop: int, positions: Array) -> Array:
    """Weight of each pixel along one axis of a box: 1 at its centre, falling towards its ends, never 0."""
    half = np.float32((stop - start) / 2)
    centre = np.float32((start + stop) / 2)
    return (1 - np.abs(positions.astype(np.float32) + np.float32(0.5) - centre) / half).astype(np.float32)


def accumulate_region(
    logits: Array,
    square: tuple[int, int, int],
    box: tuple[int, int, int, int],
    num: Array,
    den: Array,
    origin: tuple[int, int],
) -> None:
    """Add one region's weighted probabilities to the join."""
    xs, ys = window_of(box, origin, num.shape)
    if not len(xs) or not len(ys):
        return
    prob = enlarge(sigmoid(logits), square, xs, ys)
    weight = tent(box[1], box[3], ys)[:, None] * tent(box[0], box[2], xs)[None, :]
    ox, oy = origin
    view = (slice(ys[0] - oy, ys[-1] + 1 - oy), slice(xs[0] - ox, xs[-1] + 1 - ox))
    num[view] += weight * prob
    den[view] += weight


def threshold_join(num: Array, den: Array, mask: Array, threshold: float) -> None:
    """Decide every pixel that some region covers; leave the others."""
    covered = den > 0
    mask[covered] = (num >= np.float32(threshold) * den)[covered]


def taps_at(size: int, square: tuple[int, int, int], xs: Array, ys: Array) -> tuple[Array, Array, Array, Array]:
    """Where single image pixels fall in the net frame.

    Returns
    -------
    rows, columns : int64 (4, N)
        The net pixels round each image pixel: top left, top right, bottom left, bottom right.
    fx, fy : float32 (N,)
        Shares of the right and of the bottom ones.
    """
    sx, sy, side = square
    low_y, high_y, fy = _sample_axis(sy, side, size, ys)
    low_x, high_x, fx = _sample_axis(sx, side, size, xs)
    return np.stack([low_y, low_y, high_y, high_y]), np.stack([low_x, high_x, low_x, high_x]), fx, fy


def blend_taps(prob: Array, fx: Array, fy: Array) -> Array:
    """Enlarged probabilities from those at the four taps, float32 (4, N): the operations of `enlarge`, in its order."""
    top_left, top_right, bottom_left, bottom_right = prob
    left = top_left + fy * (bottom_left - top_left)
    right = top_right + fy * (bottom_right - top_right)
    return _between(left, right, fx).astype(np.float32)


def label_components(mask: Array, connectivity: int) -> tuple[Array, Array]:
    """Connected components by flood fill over runs, numbered by first pixel in row-major order."""
    height, width = mask.shape
    labels = np.zeros((height, width), np.int32)
    stats: list[tuple[int, int, int, int, int]] = []
    reach = 1 if connectivity == 8 else 0
    todo = mask != 0
    for y, x in zip(*np.nonzero(todo), strict=True):
        if labels[y, x]:
            continue
        number = len(stats) + 1
        labels[y, x] = number
        stack, found = [(int(y), int(x))], []
        while stack:
            row, column = stack.pop()
            found.append((row, column))
            for r in range(max(row - 1, 0), min(row + 2, height)):
                for c in range(max(column - 1, 0), min(column + 2, width)):
                    if todo[r, c] and not labels[r, c] and (reach or r == row or c == column):
                        labels[r, c] = number
                        stack.append((r, c))
        rows, columns = zip(*found, strict=True)
        stats.append((len(found), min(columns), min(rows), max(columns) + 1, max(rows) + 1))
    return labels, np.array(stats, np.int64).reshape(-1, 5)


def label_runs(rows: Array, first: Array, last: Array, connectivity: int) -> tuple[Array, Array]:
    """Components of runs: flood fill from run to run that touches it in a row above or below."""
    runs = list(zip(rows.tolist(), first.tolist(), last.tolist(), strict=True))
    for before, (row, start, stop) in zip([(-1, -1, -1), *runs], runs, strict=False):
        if stop <= start or row < before[0] or (row == before[0] and start <= before[2]):
            raise ValueError("runs empty, out of order, or touching")
    in_row: dict[int, list[int]] = {}
    for k, (row, _, _) in enumerate(runs):
        in_row.setdefault(row, []).append(k)
    reach = 1 if connectivity == 8 else 0
    labels = np.zeros(len(runs), np.int32)
    stats: list[tuple[int, int, int, int, int]] = []
    for k in range(len(runs)):
        if labels[k]:
            continue
        labels[k] = len(stats) + 1
        stack, found = [k], []
        while stack:
            row, start, stop = runs[stack.pop()]
            found.append((row, start, stop))
            for other in (*in_row.get(row - 1, ()), *in_row.get(row + 1, ())):
                if not labels[other] and runs[other][1] < stop + reach and start < runs[other][2] + reach:
                    labels[other] = labels[k]
                    stack.append(other)
        ys, x0s, x1s = zip(*found, strict=True)
        area = sum(stop - start for _, start, stop in found)
        stats.append((area, min(x0s), min(ys), max(x1s), max(ys) + 1))
    return labels, np.array(stats, np.int64).reshape(-1, 5)


def rle_encode(mask: Array, order: str) -> Array:
    """Lengths of alternating runs of zeros and ones, zeros first."""
    flat = (mask != 0).ravel(order="C" if order == "C" else "F").astype(np.int8)
    if not flat.size:
        return np.zeros(0, np.uint32)
    edges = np.flatnonzero(np.diff(flat)) + 1
    bounds = np.concatenate([[0], edges, [flat.size]])
    counts = np.diff(bounds)
    out: Array = np.concatenate([[0], counts] if flat[0] else [counts]).astype(np.uint32)
    return out


def rle_decode(counts: Array, shape: tuple[int, int], order: str) -> Array:
    """The mask that `counts` describe; ValueError when they do not fill it exactly."""
    if int(counts.sum(dtype=np.uint64)) != shape[0] * shape[1]:
        raise ValueError("run lengths do not fill the mask")
    flat = np.repeat(np.arange(len(counts)) % 2, counts.astype(np.intp)).astype(np.uint8)  # intp: 32 bits in wasm
    return np.ascontiguousarray(flat.reshape(shape, order="C" if order == "C" else "F"))
