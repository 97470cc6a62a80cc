/* Connected components over runs: a run is joined with the runs of the row above that touch it (union-find with path
 * halving; the earlier run is always the root, so roots come in row-major order of their first pixel). */
#include "kernels.h"

#include <string.h>

size_t find_runs(const RowOps *ops, const uint8_t *mask, int32_t width, int32_t height, Run *runs) {
    size_t count = 0;
    for (int32_t y = 0; y < height; y++) {
        const uint8_t *row = mask + (size_t)y * (size_t)width;
        size_t x = ops->next_change(row, 0, (size_t)width, 0);
        while (x < (size_t)width) {
            size_t stop = ops->next_change(row, x, (size_t)width, 1);
            if (runs) runs[count] = (Run){y, (int32_t)x, (int32_t)stop, (int32_t)count};
            count++;
            x = ops->next_change(row, stop, (size_t)width, 0);
        }
    }
    return count;
}

static int32_t root_of(Run *runs, int32_t i) {
    while (runs[i].parent != i) {
        runs[i].parent = runs[runs[i].parent].parent;
        i = runs[i].parent;
    }
    return i;
}

static void unite(Run *runs, int32_t a, int32_t b) {
    a = root_of(runs, a), b = root_of(runs, b);
    if (a < b)
        runs[b].parent = a;
    else
        runs[a].parent = b;
}

static void unite_all(Run *runs, size_t count, int32_t reach) {
    size_t above = 0;
    for (size_t i = 0; i < count; i++) {
        const Run run = runs[i];
        while (above < i && (runs[above].row < run.row - 1 ||
                             (runs[above].row == run.row - 1 && runs[above].stop + reach <= run.start)))
            above++;
        for (size_t k = above; k < i && runs[k].row == run.row - 1 && runs[k].start < run.stop + reach; k++) {
            unite(runs, (int32_t)k, (int32_t)i);
        }
    }
}

size_t label_runs(Run *runs, size_t count, int connectivity, int32_t *labels, int64_t *stats) {
    size_t found = 0;
    unite_all(runs, count, connectivity == 8 ? 1 : 0);
    for (size_t i = 0; i < count; i++) {
        const Run run = runs[i];
        int32_t root = root_of(runs, (int32_t)i); /* roots come before their runs: theirs are labelled already */
        if (root == (int32_t)i) {
            labels[i] = (int32_t)++found;
            int64_t fresh[5] = {0, run.start, run.row, run.stop, run.row + 1};
            memcpy(stats + 5 * (found - 1), fresh, sizeof fresh);
        } else {
            labels[i] = labels[root];
        }
        int64_t *stat = stats + 5 * (labels[i] - 1);
        stat[0] += run.stop - run.start;
        stat[1] = run.start < stat[1] ? run.start : stat[1];
        stat[3] = run.stop > stat[3] ? run.stop : stat[3];
        stat[4] = run.row + 1;
    }
    return found;
}

void paint_labels(const Run *runs, size_t count, const int32_t *labels, int32_t width, int32_t height, int32_t *out) {
    memset(out, 0, (size_t)width * (size_t)height * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        int32_t *row = out + (size_t)runs[i].row * (size_t)width;
        for (int32_t x = runs[i].start; x < runs[i].stop; x++) row[x] = labels[i];
    }
}
