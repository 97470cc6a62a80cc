/* The kernels: pre-processing (R3), post-processing (R5), components and run lengths.
 *
 * Frames. Image: x right, y down, pixel (i, j) covers [i, i+1) x [j, j+1). Net: size x size, centre of pixel u at u.
 * A square {x, y, side} is the crop in image pixels that the network sees:
 *     u = (i + 0.5 - square.x) * size / side - 0.5
 * Rectangles are half-open. All arrays are dense and row-major. Inputs and outputs must not overlap; module.c checks
 * sizes, ranges and overlap, so the functions here trust their arguments. None allocates: scratch comes from the
 * caller. */
#ifndef SEGMARK_KERNELS_H
#define SEGMARK_KERNELS_H

#include "row_ops.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    int32_t x, y, side;
} Square;

typedef struct {
    int32_t x0, y0, x1, y1;
} Rect;

enum { OUTSIDE_REFLECT = 0, OUTSIDE_ZERO = 1 };

/* Upper bound of the index table of an axis. */
size_t axis_index_length(int32_t side, int32_t size);

/* The taps of one axis: exact area coverage when side > size, else bilinear between pixel centres.
 * Positions are relative to `low`, reflected into [low, high) (BORDER_REFLECT_101) or, with OUTSIDE_ZERO, dropped.
 * taps: size entries; index: axis_index_length() entries, each multiplied by `stride`. */
void axis_plan(int32_t start, int32_t side, int32_t size, int32_t low, int32_t high, int outside, int32_t stride,
               Taps *taps, int32_t *index);

/* Crop, pad, resize, HWC to CHW, in one pass over the source pixels of `valid`.
 * image: uint8 (rows of `pitch` bytes), channels 1, 3 or 4 (the fourth is ignored, grey fills `planes` planes);
 * rows, columns: plans of both axes with strides 1 and channels; row_scratch: width * channels + 4 floats;
 * rows_scratch: as many pointers as a row has taps; out: float32 (planes, size, size), multiplied by `gain`. */
void resample(const RowOps *ops, const uint8_t *image, size_t pitch, int channels, Rect valid, const Taps *row_taps,
              const int32_t *row_index, const Taps *column_taps, const int32_t *column_index, int32_t size, int planes,
              float gain, float *row_scratch, const uint8_t **rows_scratch, float *out);

/* Ones inside the discs of the clicks; out: float32 (2, size, size), cleared first; channel 0 positive, 1 negative.
 * clicks: count pairs (u, v) in net pixels; inside means squared distance <= radius^2. */
void click_maps(const RowOps *ops, const float *clicks, const uint8_t *is_positive, size_t count, int32_t size,
                float radius, float *out);

/* Probabilities of a net frame enlarged to image pixels: columns of one row, see paste.c. */
typedef struct {
    int32_t low; /* left net pixel */
    float f;     /* share of the right one */
} Sample;

/* Where image pixels [start, stop) of an axis fall in the net frame, clamped to its ends. */
void sample_axis(int32_t square_start, int32_t side, int32_t size, int32_t start, int32_t stop, Sample *out);

/* Threshold the enlarged probabilities and write 0/1 into mask for the pixels of `area` (inside the mask).
 * prob: float32 (size, size); mask: uint8 with rows of `pitch` whose top-left is image pixel (origin_x, origin_y);
 * columns: samples of area's columns, rows: of its rows; scratch: size floats, then size + 16 bytes in `flags`.
 * A pixel between two net columns that are both in (or both out) is in (or out). */
void paste_mask(const RowOps *ops, const float *prob, int32_t size, Rect area, const Sample *columns,
                const Sample *rows, float threshold, uint8_t *mask, size_t pitch, int32_t origin_x, int32_t origin_y,
                float *scratch, uint8_t *flags);

/* num += w * prob, den += w over `area`; w is a tent over `box`: 1 at its centre, falling to its edges, never 0.
 * num, den: float32 windows with rows of `pitch` floats; scratch: size + 2 * width of area floats. */
void accumulate_region(const RowOps *ops, const float *prob, int32_t size, Rect box, Rect area, const Sample *columns,
                       const Sample *rows, float *num, float *den, size_t pitch, int32_t origin_x, int32_t origin_y,
                       float *scratch);

/* A horizontal run of foreground: pixels [start, stop) of a row, and the component it was joined to. */
typedef struct {
    int32_t row, start, stop, parent;
} Run;

/* Runs of a mask; with runs == NULL only counted. */
size_t find_runs(const RowOps *ops, const uint8_t *mask, int32_t width, int32_t height, Run *runs);

/* Label the components of `count` runs (connectivity 4 or 8), which are in reading order and do not touch: labels
 * int32 (count), numbered from 1 by first pixel in row-major order; stats int64 (components, 5): area, x0, y0, x1, y1.
 * Returns the number of components. The size of the image plays no part. */
size_t label_runs(Run *runs, size_t count, int connectivity, int32_t *labels, int64_t *stats);

/* Spread the labels of runs over out, int32 (height, width), cleared first. */
void paint_labels(const Run *runs, size_t count, const int32_t *labels, int32_t width, int32_t height, int32_t *out);

/* Lengths of alternating runs, zeros first, of a 0/1 buffer; with counts == NULL only counted. */
size_t rle_encode(const RowOps *ops, const uint8_t *bytes, size_t length, uint32_t *counts);

/* to (width, height) = from (height, width) transposed, as 0/1, in blocks that stay in the cache. */
void transpose_truth(const uint8_t *from, size_t width, size_t height, uint8_t *to);

/* Fill `length` bytes from run lengths; returns 0 when they do not fill it exactly. */
int rle_decode(const uint32_t *counts, size_t count, uint8_t *bytes, size_t length);

#endif
