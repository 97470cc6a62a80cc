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
typedef uint16_t u16x4 __attribute__((vector_size(8)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef uint8_t u8x8 __attribute__((vector_size(8)));

static inline f32x4 load_f32x4(const float *from) {
    f32x4 v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline void store_f32x4(float *to, f32x4 v) { memcpy(to, &v, sizeof v); }

static inline f32x4 splat_f32x4(float x) { return (f32x4){x, x, x, x}; }

static inline u16x8 load_u8x8_as_u16(const uint8_t *from) {
    u8x8 v;
    memcpy(&v, from, sizeof v);
    return __builtin_convertvector(v, u16x8);
}

/* Lanes 0..3 and 4..7 of eight uint16 as float32. */
static inline f32x4 low_u16_as_f32(u16x8 v) {
    u32x4 wide = __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1, 2, 3), u32x4);
    return __builtin_convertvector((i32x4)wide, f32x4); /* signed conversion: one instruction everywhere */
}

static inline f32x4 high_u16_as_f32(u16x8 v) {
    u32x4 wide = __builtin_convertvector(__builtin_shufflevector(v, v, 4, 5, 6, 7), u32x4);
    return __builtin_convertvector((i32x4)wide, f32x4);
}

static inline int any_lane(i32x4 v) {
    uint64_t half[2];
    memcpy(half, &v, sizeof v);
    return (half[0] | half[1]) != 0;
}

#endif
