/* Enlarge, threshold, paste; and the weighted join of several regions.
 *
 * Between two net columns the enlarged value is a straight line, so a row needs interpolating only where a flag
 * changes:
 *
 *      net row (blended)   .1  .2  .2  .7  .9  .9  .8  .3  .1
 *      flag (>= .5)         0   0   0   1   1   1   1   0   0
 *      image row           [-- zeros --][?][---- ones ---][?][zeros]     ? = interpolated pixel by pixel
 */
#include "kernels.h"

#include <math.h>
#include <string.h>

void sample_axis(int32_t square_start, int32_t side, int32_t size, int32_t start, int32_t stop, Sample *out) {
    const double scale = (double)size / side;
    const int32_t last = size > 1 ? size - 2 : 0;
    for (int32_t i = start; i < stop; i++, out++) {
        double u = (i + 0.5 - square_start) * scale - 0.5;
        u = u < 0 ? 0 : u > size - 1 ? size - 1 : u;
        int32_t low = (int32_t)u;
        low = low > last ? last : low;
        out->low = low;
        out->f = (float)(u - low);
    }
}

static void net_row(const RowOps *ops, const float *prob, int32_t size, Sample at, float *out) {
    const float *low = prob + (size_t)at.low * (size_t)size;
    const float *high = size > 1 ? low + size : low;
    ops->lerp(low, high, at.f, out, (size_t)size);
}

/* Pixels of one row that lie between net columns whose flags differ. */
static void paste_edge(const float *row, int32_t size, const Sample *columns, int32_t from, int32_t to, float threshold,
                       uint8_t *mask) {
    for (int32_t x = from; x < to; x++) {
        float left = row[columns[x].low], right = row[columns[x].low + (size > 1)];
        mask[x] = left + columns[x].f * (right - left) >= threshold;
    }
}

/* The first column whose left net pixel is `low` or beyond. Columns ascend, `near` is a guess from below. */
static int32_t column_of(const Sample *columns, int32_t count, int32_t near, int32_t low, double per_cell) {
    int32_t guess = near + (int32_t)((low - columns[near < count ? near : count - 1].low - 1) * per_cell);
    if (guess > near && guess < count && columns[guess].low < low) near = guess;
    while (near < count && columns[near].low < low) near++;
    return near;
}

void paste_mask(const RowOps *ops, const float *prob, int32_t size, Rect area, const Sample *columns,
                const Sample *rows, float threshold, uint8_t *mask, size_t pitch, int32_t origin_x, int32_t origin_y,
                float *scratch, uint8_t *flags) {
    const int32_t width = area.x1 - area.x0, last = size > 1 ? size - 2 : 0;
    const int32_t cells = columns[width - 1].low - columns[0].low;
    const double per_cell = cells > 0 ? (double)(width - 1) / (cells + 1) * 0.9 : 0;
    for (int32_t y = area.y0; y < area.y1; y++) {
        uint8_t *to = mask + (size_t)(y - origin_y) * pitch + (area.x0 - origin_x);
        net_row(ops, prob, size, rows[y - area.y0], scratch);
        ops->flags(scratch, threshold, flags, (size_t)size);
        int32_t x = 0;
        while (x < width) {
            int32_t cell = columns[x].low;
            int value = flags[cell];
            size_t change = ops->next_change(flags, (size_t)cell, (size_t)size, value);
            /* cells [cell, change - 1) have equal flags on both sides; cell change - 1 is an edge unless change == size
             */
            int32_t uniform_stop =
                change == (size_t)size ? width : column_of(columns, width, x, (int32_t)change - 1, per_cell);
            if (uniform_stop > x) memset(to + x, value, (size_t)(uniform_stop - x));
            x = uniform_stop;
            if (x >= width) break;
            int32_t edge = columns[x].low;
            if (edge > last || edge != (int32_t)change - 1)
                continue; /* the net is finer than the image: cells were skipped */
            int32_t edge_stop = x;
            while (edge_stop < width && columns[edge_stop].low == edge) edge_stop++;
            paste_edge(scratch, size, columns, x, edge_stop, threshold, to);
            x = edge_stop;
        }
    }
}

static float tent(int32_t start, int32_t stop, int32_t position) {
    float half = (float)((double)(stop - start) / 2), centre = (float)(((double)start + stop) / 2);
    return 1.0f - fabsf((float)position + 0.5f - centre) / half;
}

void accumulate_region(const RowOps *ops, const float *prob, int32_t size, Rect box, Rect area, const Sample *columns,
                       const Sample *rows, float *num, float *den, size_t pitch, int32_t origin_x, int32_t origin_y,
                       float *scratch) {
    const int32_t width = area.x1 - area.x0;
    float *wx = scratch + size, *wide = wx + width;
    for (int32_t x = 0; x < width; x++) wx[x] = tent(box.x0, box.x1, area.x0 + x);
    for (int32_t y = area.y0; y < area.y1; y++) {
        net_row(ops, prob, size, rows[y - area.y0], scratch);
        for (int32_t x = 0; x < width; x++) {
            float left = scratch[columns[x].low], right = scratch[columns[x].low + (size > 1)];
            wide[x] = left + columns[x].f * (right - left);
        }
        size_t at = (size_t)(y - origin_y) * pitch + (size_t)(area.x0 - origin_x);
        ops->join(num + at, den + at, wide, wx, tent(box.y0, box.y1, y), (size_t)width);
    }
}
