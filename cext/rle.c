/* Run lengths of a mask, in row-major order or, through a blocked transposition, column-major as COCO wants them. */
#include "kernels.h"

#include <string.h>

size_t rle_encode(const RowOps *ops, const uint8_t *bytes, size_t length, uint32_t *counts) {
    size_t count = 0, at = 0;
    int value = 0;
    while (at < length) {
        size_t stop = ops->next_change(bytes, at, length, value);
        if (counts) counts[count] = (uint32_t)(stop - at);
        count++;
        at = stop;
        value = !value;
    }
    return count;
}

void transpose_truth(const uint8_t *from, size_t width, size_t height, uint8_t *to) {
    enum { SIDE = 32 };
    for (size_t y0 = 0; y0 < height; y0 += SIDE) {
        size_t y1 = y0 + SIDE < height ? y0 + SIDE : height;
        for (size_t x0 = 0; x0 < width; x0 += SIDE) {
            size_t x1 = x0 + SIDE < width ? x0 + SIDE : width;
            for (size_t x = x0; x < x1; x++) {
                for (size_t y = y0; y < y1; y++) to[x * height + y] = from[y * width + x] != 0;
            }
        }
    }
}

int rle_decode(const uint32_t *counts, size_t count, uint8_t *bytes, size_t length) {
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (counts[i] > length - at) return 0;
        memset(bytes + at, i & 1, counts[i]);
        at += counts[i];
    }
    return at == length;
}
