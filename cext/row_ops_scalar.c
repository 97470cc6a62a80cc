/* The scalar twins: what each row operation means, one element at a time. Benchmarks must not time a vectorised
 * "scalar" loop, so the compiler is told to leave these loops alone. */
#include "row_ops.h"

#include <string.h>

#if defined(__clang__)
#define PLAIN_LOOP _Pragma("clang loop vectorize(disable) interleave(disable) unroll(disable)")
#define PLAIN
#else
#define PLAIN_LOOP
#define PLAIN __attribute__((optimize("no-tree-vectorize")))
#endif

PLAIN static void blend_rows(const RowBlend *blend, float *out, size_t from, size_t length) {
    PLAIN_LOOP
    for (size_t i = from; i < length; i++) {
        uint32_t sum = 0;
        PLAIN_LOOP
        for (size_t r = 0; r < blend->bodies; r++) sum += blend->body[r][i];
        float value = (float)sum * blend->body_weight;
        if (blend->head) value = value + blend->head_weight * (float)blend->head[i];
        if (blend->tail) value = value + blend->tail_weight * (float)blend->tail[i];
        out[i] = value;
    }
}

PLAIN static void blend_columns(const float *row, const Taps *taps, const int32_t *index, float gain, float *out,
                                size_t plane, size_t length) {
    PLAIN_LOOP
    for (size_t u = 0; u < length; u++) {
        const Taps *tap = &taps[u];
        PLAIN_LOOP
        for (size_t c = 0; c < 3; c++) {
            const int32_t *at = index + tap->first;
            float value = 0;
            PLAIN_LOOP
            for (int32_t t = 0; t < tap->bodies; t++) value = value + row[(size_t)*at++ + c];
            value = value * tap->body_weight;
            if (tap->has_head) value = value + tap->head_weight * row[(size_t)*at++ + c];
            if (tap->has_tail) value = value + tap->tail_weight * row[(size_t)*at + c];
            out[c * plane + u] = value * gain;
        }
    }
}

static float exp_scalar(float x) {
    float shifted = x * EXP_LOG2E + EXP_MAGIC;
    float n = shifted - EXP_MAGIC;
    float r = (x - n * EXP_LN2_HIGH) - n * EXP_LN2_LOW;
    float p = 1.0f / 5040;
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (int32_t)(((uint32_t)bits + 127u) << 23); /* the low bits of `shifted` are n: build 2^n */
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

PLAIN static void sigmoid(const float *in, float *out, size_t length) {
    PLAIN_LOOP
    for (size_t i = 0; i < length; i++) {
        float x = in[i] > -EXP_LIMIT ? in[i] : -EXP_LIMIT; /* NaN compares false */
        x = x < EXP_LIMIT ? x : EXP_LIMIT;
        out[i] = 1.0f / (1.0f + exp_scalar(-x));
    }
}

PLAIN static void lerp(const float *a, const float *b, float f, float *out, size_t length) {
    PLAIN_LOOP
    for (size_t i = 0; i < length; i++) out[i] = a[i] + f * (b[i] - a[i]);
}

PLAIN static void flags(const float *row, float threshold, uint8_t *flag, size_t length) {
    PLAIN_LOOP
    for (size_t i = 0; i < length; i++) flag[i] = row[i] >= threshold;
}

PLAIN static void join(float *num, float *den, const float *prob, const float *wx, float wy, size_t length) {
    PLAIN_LOOP
    for (size_t i = 0; i < length; i++) {
        float w = wy * wx[i];
        num[i] = num[i] + w * prob[i];
        den[i] = den[i] + w;
    }
}

PLAIN static void decide(const float *num, const float *den, float threshold, uint8_t *mask, size_t length) {
    PLAIN_LOOP
    for (size_t i = 0; i < length; i++) {
        if (den[i] > 0) mask[i] = num[i] >= threshold * den[i];
    }
}

PLAIN static size_t next_change(const uint8_t *bytes, size_t from, size_t length, int value) {
    PLAIN_LOOP
    while (from < length && (bytes[from] != 0) == value) from++;
    return from;
}

PLAIN static void disc(float *out, float start, float u, float dy2, float limit, size_t length) {
    PLAIN_LOOP
    for (size_t i = 0; i < length; i++) {
        float dx = (start + (float)(int32_t)i) - u;
        if (dx * dx + dy2 <= limit) out[i] = 1.0f;
    }
}

const RowOps row_ops_scalar = {"scalar", blend_rows, blend_columns, sigmoid,     lerp,
                               flags,    join,       decide,        next_change, disc};
