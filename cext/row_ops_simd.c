/* The vector twins. Each does the scalar twin's operations lane by lane in the same order; the tail of a row that does
 * not fill a vector is handed to the scalar twin. */
#include "row_ops.h"
#include "vec128.h"

enum { BLOCK = 256 }; /* rows summed in uint16: 257 * 255 still fits */

static f32x4 finish_blend(const RowBlend *blend, f32x4 sum, size_t i) {
    f32x4 value = sum * splat_f32x4(blend->body_weight);
    for (int part = 0; part < 2; part++) {
        const uint8_t *row = part ? blend->tail : blend->head;
        if (!row) continue;
        f32x4 wide = load_u8x4_as_f32(row + i);
        value = value + splat_f32x4(part ? blend->tail_weight : blend->head_weight) * wide;
    }
    return value;
}

/* Sixteen columns at a time, all rows of the blend before the next columns: sums stay in registers.
 * More than 256 full rows (a net pixel that covers so many is rare) are summed in uint32, one column after the other.
 */
static void blend_rows(const RowBlend *blend, float *out, size_t from, size_t length) {
    size_t i = from;
    for (; i + 16 <= length; i += 16) {
        f32x4 sum[4] = {{0}, {0}, {0}, {0}};
        if (blend->bodies <= BLOCK) {
            u16x8 low = {0}, high = {0};
            for (size_t r = 0; r < blend->bodies; r++) {
                const uint8_t *from = blend->body[r] + i;
                u8x16 v;
                memcpy(&v, from, sizeof v);
                low += __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7), u16x8);
                high += __builtin_convertvector(__builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15), u16x8);
            }
            sum[0] = low_u16_as_f32(low), sum[1] = high_u16_as_f32(low);
            sum[2] = low_u16_as_f32(high), sum[3] = high_u16_as_f32(high);
        } else {
            for (int lane = 0; lane < 16; lane++) {
                uint32_t total = 0;
                for (size_t r = 0; r < blend->bodies; r++) total += blend->body[r][i + (size_t)lane];
                sum[lane / 4][lane % 4] = (float)total;
            }
        }
        for (size_t k = 0; k < 4; k++) store_f32x4(out + i + 4 * k, finish_blend(blend, sum[k], i + 4 * k));
    }
    row_ops_scalar.blend_rows(blend, out, i, length);
}

static f32x4 blend_pixel(const float *row, const Taps *tap, const int32_t *index) {
    const int32_t *at = index + tap->first;
    f32x4 value = {0};
    for (int32_t t = 0; t < tap->bodies; t++) value = value + load_f32x4(row + *at++);
    value = value * splat_f32x4(tap->body_weight);
    if (tap->has_head) value = value + splat_f32x4(tap->head_weight) * load_f32x4(row + *at++);
    if (tap->has_tail) value = value + splat_f32x4(tap->tail_weight) * load_f32x4(row + *at);
    return value;
}

/* One pixel is one vector; four of them, transposed, are four neighbours of each plane. */
static void blend_columns(const float *row, const Taps *taps, const int32_t *index, float gain, float *out,
                          size_t plane, size_t length) {
    const f32x4 factor = splat_f32x4(gain);
    size_t u = 0;
    for (; u + 4 <= length; u += 4) {
        f32x4 a = blend_pixel(row, taps + u, index) * factor, b = blend_pixel(row, taps + u + 1, index) * factor;
        f32x4 c = blend_pixel(row, taps + u + 2, index) * factor, d = blend_pixel(row, taps + u + 3, index) * factor;
        f32x4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
        f32x4 ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
        store_f32x4(out + u, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
        store_f32x4(out + plane + u, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
        store_f32x4(out + 2 * plane + u, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
    }
    row_ops_scalar.blend_columns(row, taps + u, index, gain, out + u, plane, length - u);
}

static f32x4 select_f32x4(i32x4 condition, f32x4 yes, f32x4 no) {
    return (f32x4)((condition & (i32x4)yes) | (~condition & (i32x4)no));
}

static f32x4 exp_simd(f32x4 x) {
    f32x4 shifted = x * splat_f32x4(EXP_LOG2E) + splat_f32x4(EXP_MAGIC);
    f32x4 n = shifted - splat_f32x4(EXP_MAGIC);
    f32x4 r = (x - n * splat_f32x4(EXP_LN2_HIGH)) - n * splat_f32x4(EXP_LN2_LOW);
    f32x4 p = splat_f32x4(1.0f / 5040);
    p = p * r + splat_f32x4(1.0f / 720);
    p = p * r + splat_f32x4(1.0f / 120);
    p = p * r + splat_f32x4(1.0f / 24);
    p = p * r + splat_f32x4(1.0f / 6);
    p = p * r + splat_f32x4(0.5f);
    p = p * r + splat_f32x4(1.0f);
    p = p * r + splat_f32x4(1.0f);
    u32x4 bits = ((u32x4)shifted + (u32x4){127, 127, 127, 127}) << 23;
    return p * (f32x4)bits;
}

static void sigmoid(const float *in, float *out, size_t length) {
    const f32x4 low = splat_f32x4(-EXP_LIMIT), high = splat_f32x4(EXP_LIMIT), one = splat_f32x4(1.0f);
    size_t i = 0;
    for (; i + 4 <= length; i += 4) {
        f32x4 x = load_f32x4(in + i);
        x = select_f32x4(x > low, x, low);
        x = select_f32x4(x < high, x, high);
        store_f32x4(out + i, one / (one + exp_simd(-x)));
    }
    row_ops_scalar.sigmoid(in + i, out + i, length - i);
}

static void lerp(const float *a, const float *b, float f, float *out, size_t length) {
    size_t i = 0;
    for (; i + 4 <= length; i += 4) {
        f32x4 from = load_f32x4(a + i);
        store_f32x4(out + i, from + splat_f32x4(f) * (load_f32x4(b + i) - from));
    }
    row_ops_scalar.lerp(a + i, b + i, f, out + i, length - i);
}

static u8x16 interleave_halves(u8x16 v) {
    return __builtin_shufflevector(v, v, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
}

static void flags(const float *row, float threshold, uint8_t *flag, size_t length) {
    const f32x4 limit = splat_f32x4(threshold);
    size_t i = 0;
    for (; i + 16 <= length; i += 16) {
        i32x4 word = {0}; /* lane k, byte j: flag 4 * j + k */
        for (int j = 0; j < 4; j++) word |= (load_f32x4(row + i + 4 * j) >= limit) & (1 << (8 * j));
        u8x16 bytes = interleave_halves(interleave_halves((u8x16)word)); /* twice: a 4 x 4 transposition */
        memcpy(flag + i, &bytes, sizeof bytes);
    }
    row_ops_scalar.flags(row + i, threshold, flag + i, length - i);
}

static void join(float *num, float *den, const float *prob, const float *wx, float wy, size_t length) {
    size_t i = 0;
    for (; i + 4 <= length; i += 4) {
        f32x4 w = splat_f32x4(wy) * load_f32x4(wx + i);
        store_f32x4(num + i, load_f32x4(num + i) + w * load_f32x4(prob + i));
        store_f32x4(den + i, load_f32x4(den + i) + w);
    }
    row_ops_scalar.join(num + i, den + i, prob + i, wx + i, wy, length - i);
}

/* Sixteen pixels a step: two bytes of flags, then one select, for a mask is stored by bytes and weights by words. */
static void decide(const float *num, const float *den, float threshold, uint8_t *mask, size_t length) {
    const f32x4 zero = {0}, limit = splat_f32x4(threshold);
    size_t i = 0;
    for (; i + 16 <= length; i += 16) {
        i32x4 inside = {0}, covered = {0}; /* lane k, byte j: pixel 4 * j + k */
        for (int j = 0; j < 4; j++) {
            f32x4 weight = load_f32x4(den + i + 4 * j);
            inside |= (load_f32x4(num + i + 4 * j) >= limit * weight) & (1 << (8 * j));
            covered |= (i32x4)((u32x4)(weight > zero) & (0xffu << (8 * j)));
        }
        if (!any_lane(covered)) continue;
        u8x16 before, fresh = interleave_halves(interleave_halves((u8x16)inside));
        u8x16 chosen = interleave_halves(interleave_halves((u8x16)covered));
        memcpy(&before, mask + i, sizeof before);
        before = (fresh & chosen) | (before & ~chosen);
        memcpy(mask + i, &before, sizeof before);
    }
    row_ops_scalar.decide(num + i, den + i, threshold, mask + i, length - i);
}

static size_t next_change(const uint8_t *bytes, size_t from, size_t length, int value) {
    const uint8_t same = (uint8_t)(value ? 0xff : 0);
    for (; from + 16 <= length; from += 16) {
        u8x16 v;
        memcpy(&v, bytes + from, sizeof v);
        u8x16 truth = (u8x16)(v != (u8x16){0});
        i32x4 differs = (i32x4)(truth ^ (same - (u8x16){0}));
        if (any_lane(differs)) break;
    }
    return row_ops_scalar.next_change(bytes, from, length, value);
}

static void disc(float *out, float start, float u, float dy2, float limit, size_t length) {
    size_t i = 0;
    for (; i + 4 <= length; i += 4) {
        f32x4 x = {(float)(int32_t)i, (float)(int32_t)(i + 1), (float)(int32_t)(i + 2), (float)(int32_t)(i + 3)};
        f32x4 dx = (splat_f32x4(start) + x) - splat_f32x4(u);
        i32x4 inside = dx * dx + splat_f32x4(dy2) <= splat_f32x4(limit);
        store_f32x4(out + i, select_f32x4(inside, splat_f32x4(1.0f), load_f32x4(out + i)));
    }
    row_ops_scalar.disc(out + i, start + (float)(int32_t)i, u, dy2, limit, length - i);
}

const RowOps row_ops_simd = {"simd", blend_rows, blend_columns, sigmoid, lerp, flags, join, decide, next_change, disc};
