/* 128-bit vectors through the GCC/Clang vector extensions: one spelling for SSE, NEON and wasm SIMD.
 *
 * Loads and stores go through memcpy, so any alignment is allowed; compilers turn them into one instruction.
 * Arithmetic is plain IEEE float32 (the build passes -ffp-contract=off), so a scalar twin that does the same
 * operations in the same order gives the same bits. */
#ifndef SEGMARK_VEC128_H
#define SEGMARK_VEC128_H

#include <stdint.h>
#include <string.h>

typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));

static inline f32x4 load_f32x4(const float *from) {
    f32x4 v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline void store_f32x4(float *to, f32x4 v) { memcpy(to, &v, sizeof v); }

static inline f32x4 splat_f32x4(float x) { return (f32x4){x, x, x, x}; }

/* Lanes 0..3 and 4..7 of eight uint16 as float32: widened by interleaving with zeros (little endian), because compilers
 * take __builtin_convertvector of a half vector apart lane by lane for wasm. */
static inline f32x4 low_u16_as_f32(u16x8 v) {
    const u16x8 zero = {0};
    return __builtin_convertvector((i32x4)__builtin_shufflevector(v, zero, 0, 8, 1, 9, 2, 10, 3, 11), f32x4);
}

static inline f32x4 high_u16_as_f32(u16x8 v) {
    const u16x8 zero = {0};
    return __builtin_convertvector((i32x4)__builtin_shufflevector(v, zero, 4, 12, 5, 13, 6, 14, 7, 15), f32x4);
}

/* Four bytes as float32. */
static inline f32x4 load_u8x4_as_f32(const uint8_t *from) {
    const u8x16 zero = {0};
    u32x4 word = {0};
    memcpy(&word, from, 4);
    u8x16 wide = __builtin_shufflevector((u8x16)word, zero, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    return low_u16_as_f32((u16x8)wide);
}

static inline int any_lane(i32x4 v) {
    uint64_t half[2];
    memcpy(half, &v, sizeof v);
    return (half[0] | half[1]) != 0;
}

#endif
