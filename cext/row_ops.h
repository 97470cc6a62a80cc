/* The inner loops over one row, each with a scalar and a vector twin that give the same bits.
 *
 * `row_ops_scalar` and `row_ops_simd` are immutable tables; an algorithm gets one as an argument, so which twin runs
 * is never global state of the kernels. No function allocates. Pointers of inputs and outputs never overlap. */
#ifndef SEGMARK_ROW_OPS_H
#define SEGMARK_ROW_OPS_H

#include <stddef.h>
#include <stdint.h>

/* Source rows of one output row: `body` rows count fully, `head` and `tail` (may be NULL) partly. */
typedef struct {
    const uint8_t *const *body;
    size_t bodies;
    const uint8_t *head, *tail;
    float body_weight, head_weight, tail_weight;
} RowBlend;

/* How one output index of a resampled axis is made: see axis_plan(). */
typedef struct {
    int32_t first;  /* into the plan's index table: body positions, then head, then tail */
    int32_t bodies; /* taps that count fully */
    int32_t has_head, has_tail;
    float body_weight, head_weight, tail_weight;
} Taps;

typedef struct {
    const char *name;
    /* out[i] = body_weight * sum(body[i]) + head_weight * head[i] + tail_weight * tail[i], in this order, for i in
     * [from, length). */
    void (*blend_rows)(const RowBlend *blend, float *out, size_t from, size_t length);
    /* One output row of a 3- or 4-channel image: each output pixel is a weighted sum of source pixels (three lanes of
     * `row` at the element offsets in `index`, see resample.c; four are read), times `gain`, split into three planes
     * that lie `plane` floats apart. */
    void (*blend_columns)(const float *row, const Taps *taps, const int32_t *index, float gain, float *out,
                          size_t plane, size_t length);
    /* out = 1 / (1 + exp(-in)); NaN counts as -87. */
    void (*sigmoid)(const float *in, float *out, size_t length);
    /* out = a + f * (b - a). */
    void (*lerp)(const float *a, const float *b, float f, float *out, size_t length);
    /* flag[i] = row[i] >= threshold. */
    void (*flags)(const float *row, float threshold, uint8_t *flag, size_t length);
    /* num += w * prob, den += w, with w = wy * wx[i]. */
    void (*join)(float *num, float *den, const float *prob, const float *wx, float wy, size_t length);
    /* where den > 0: mask = num >= threshold * den. */
    void (*decide)(const float *num, const float *den, float threshold, uint8_t *mask, size_t length);
    /* The first index in [from, length) whose byte's truth differs from `value` (0 or 1), else length. */
    size_t (*next_change)(const uint8_t *bytes, size_t from, size_t length, int value);
    /* out[i] = 1 where (start + i - u)^2 + dy2 <= limit; start is a whole number, so start + i is exact. */
    void (*disc)(float *out, float start, float u, float dy2, float limit, size_t length);
} RowOps;

extern const RowOps row_ops_scalar;
extern const RowOps row_ops_simd;

/* exp through 2^n * e^r, |r| <= ln2 / 2: Taylor to r^7 (relative error below 6e-9 before rounding). */
#define EXP_LIMIT 87.0f
#define EXP_LOG2E 1.44269504088896341f
#define EXP_LN2_HIGH 0.693145751953125f     /* ln 2, the leading 16 bits: n * it is exact */
#define EXP_LN2_LOW 1.42860682030941723e-6f /* the rest */
#define EXP_MAGIC 12582912.0f               /* 1.5 * 2^23: adding it rounds to the nearest integer */

#endif
