/* Crop, pad by reflection, resize, HWC to CHW in one pass.
 *
 *      source rows of one output row            one blended row           three output planes
 *      RGBARGBARGBA...  x weight  \
 *      RGBARGBARGBA...  x weight   >  sum -->  R G B A R G B A ...  -->   R: r r r ...
 *      RGBARGBARGBA...  x weight  /            (float, source width)      G: g g g ...
 *
 * Rows are blended first because neighbours in a row are contiguous whatever the channel count; then one output pixel
 * is a weighted sum of 4-lane pixels. With area averaging most taps count fully: their bytes are summed as integers. */
#include "kernels.h"

#include <math.h>
#include <string.h>

size_t axis_index_length(int32_t side, int32_t size) { return (size_t)side + 3 * (size_t)size + 8; }

static int32_t reflected(int64_t position, int32_t low, int32_t high) {
    int64_t extent = (int64_t)high - low;
    if (extent == 1) return 0;
    int64_t period = 2 * (extent - 1);
    int64_t offset = (position - low) % period;
    if (offset < 0) offset += period;
    return (int32_t)(offset < extent ? offset : period - offset);
}

typedef struct {
    int32_t start, low, high, stride;
    int outside;
    int32_t *next;
} Axis;

static int put(Axis *axis, int64_t position) {
    position += axis->start;
    if (axis->outside == OUTSIDE_ZERO) {
        if (position < axis->low || position >= axis->high) return 0;
        *axis->next++ = (int32_t)(position - axis->low) * axis->stride;
    } else {
        *axis->next++ = reflected(position, axis->low, axis->high) * axis->stride;
    }
    return 1;
}

void axis_plan(int32_t start, int32_t side, int32_t size, int32_t low, int32_t high, int outside, int32_t stride,
               Taps *taps, int32_t *index) {
    Axis axis = {start, low, high, stride, outside, index};
    const double scale = (double)side / size;
    for (int32_t u = 0; u < size; u++) {
        Taps *tap = &taps[u];
        memset(tap, 0, sizeof *tap);
        tap->first = (int32_t)(axis.next - index);
        if (side <= size) {
            double centre = (u + 0.5) * scale - 0.5, floor_centre = floor(centre), right = centre - floor_centre;
            tap->head_weight = (float)(1.0 - right), tap->tail_weight = (float)right;
            tap->has_head = put(&axis, (int64_t)floor_centre);
            tap->has_tail = put(&axis, (int64_t)floor_centre + 1);
            continue;
        }
        double from = u * scale, to = (u + 1) * scale;
        int64_t first_full = (int64_t)ceil(from), last_full = (int64_t)floor(to);
        tap->body_weight = (float)(1.0 / scale);
        for (int64_t i = first_full; i < last_full; i++) tap->bodies += put(&axis, i);
        if ((double)first_full > from) {
            tap->head_weight = (float)((first_full - from) / scale);
            tap->has_head = put(&axis, first_full - 1);
        }
        if (to > (double)last_full) {
            tap->tail_weight = (float)((to - last_full) / scale);
            tap->has_tail = put(&axis, last_full);
        }
    }
}

static void blend_row(const RowOps *ops, const uint8_t *base, size_t pitch, size_t length, const Taps *tap,
                      const int32_t *index, const uint8_t **rows, float *out) {
    const int32_t *at = index + tap->first;
    RowBlend blend = {rows, (size_t)tap->bodies, NULL, NULL, tap->body_weight, tap->head_weight, tap->tail_weight};
    for (int32_t t = 0; t < tap->bodies; t++) rows[t] = base + (size_t)*at++ * pitch;
    if (tap->has_head) blend.head = base + (size_t)*at++ * pitch;
    if (tap->has_tail) blend.tail = base + (size_t)*at * pitch;
    ops->blend_rows(&blend, out, 0, length);
}

static float blend_one(const float *row, const Taps *tap, const int32_t *at) {
    float value = 0;
    for (int32_t t = 0; t < tap->bodies; t++) value = value + row[*at++];
    value = value * tap->body_weight;
    if (tap->has_head) value = value + tap->head_weight * row[*at++];
    if (tap->has_tail) value = value + tap->tail_weight * row[*at];
    return value;
}

void resample(const RowOps *ops, const uint8_t *image, size_t pitch, int channels, Rect valid, const Taps *row_taps,
              const int32_t *row_index, const Taps *column_taps, const int32_t *column_index, int32_t size, int planes,
              float gain, float *row_scratch, const uint8_t **rows_scratch, float *out) {
    const size_t plane = (size_t)size * (size_t)size;
    const size_t length = (size_t)(valid.x1 - valid.x0) * (size_t)channels;
    const uint8_t *base = image + (size_t)valid.y0 * pitch + (size_t)valid.x0 * (size_t)channels;
    memset(row_scratch + length, 0, 4 * sizeof *row_scratch); /* a 3-channel pixel is read as four lanes */
    for (int32_t v = 0; v < size; v++) {
        blend_row(ops, base, pitch, length, &row_taps[v], row_index, rows_scratch, row_scratch);
        float *to = out + (size_t)v * (size_t)size;
        if (channels > 1) {
            ops->blend_columns(row_scratch, column_taps, column_index, gain, to, plane, (size_t)size);
            continue;
        }
        for (int32_t u = 0; u < size; u++) {
            to[u] = blend_one(row_scratch, &column_taps[u], column_index + column_taps[u].first) * gain;
        }
        for (int p = 1; p < planes; p++) memcpy(to + (size_t)p * plane, to, (size_t)size * sizeof *to);
    }
}

void click_maps(const RowOps *ops, const float *clicks, const uint8_t *is_positive, size_t count, int32_t size,
                float radius, float *out) {
    const size_t plane = (size_t)size * (size_t)size;
    const float limit = radius * radius;
    memset(out, 0, 2 * plane * sizeof *out);
    for (size_t k = 0; k < count; k++) {
        float u = clicks[2 * k], v = clicks[2 * k + 1];
        float *to = out + (is_positive[k] ? 0 : plane);
        if (!(u > -1e6f && u < 1e6f && v > -1e6f && v < 1e6f)) continue; /* NaN or far outside: no disc in the frame */
        int32_t left = (int32_t)floorf(u - radius) - 1, right = (int32_t)ceilf(u + radius) + 2;
        int32_t top = (int32_t)floorf(v - radius) - 1, bottom = (int32_t)ceilf(v + radius) + 2;
        left = left < 0 ? 0 : left, top = top < 0 ? 0 : top;
        right = right > size ? size : right, bottom = bottom > size ? size : bottom;
        if (left >= right) continue;
        for (int32_t y = top; y < bottom; y++) {
            float dy = (float)y - v;
            ops->disc(to + (size_t)y * (size_t)size + left, (float)left, u, dy * dy, limit, (size_t)(right - left));
        }
    }
}
