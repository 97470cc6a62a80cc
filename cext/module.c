/* The Python border of the kernels: the only file that knows Python.h.
 *
 * Everything arrives as buffers and integers; every size, range and overlap is checked here, because the kernels trust
 * their arguments. The numpy-level surface (shapes, dtypes) is py/segmark/kernels/__init__.py. Limited API 3.11. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "kernels.h"

#include <string.h>

enum { LIMIT = 1 << 24, NET_LIMIT = 4096 };

static struct PyModuleDef scalar_definition, simd_definition;

/* Which twin runs is no global state: `_native.simd` and `_native.scalar` are two modules with the same functions. */
static const RowOps *twin_of(PyObject *self) {
    return PyModule_GetDef(self) == &scalar_definition ? &row_ops_scalar : &row_ops_simd;
}

static int refuse(const char *message) {
    PyErr_SetString(PyExc_ValueError, message);
    return 0;
}

/* Floats and integers must lie on their own boundary: a slice of bytes need not, and vectorised loops would fault. */
static int aligned(const Py_buffer *buffer, size_t unit) {
    return (uintptr_t)buffer->buf % unit == 0 ? 1 : refuse("buffer is not aligned");
}

static int fits(const Py_buffer *buffer, int64_t expected, const char *message) {
    return (int64_t)buffer->len == expected ? 1 : refuse(message);
}

static int apart(const Py_buffer *a, const Py_buffer *b) {
    const char *pa = a->buf, *pb = b->buf;
    if (!a->len || !b->len || pa + a->len <= pb || pb + b->len <= pa) return 1;
    return refuse("input and output overlap");
}

static int in_range(int value) { return value >= -LIMIT && value <= LIMIT; }

static int check_square(const Square *s) {
    return in_range(s->x) && in_range(s->y) && s->side > 0 && s->side <= LIMIT ? 1 : refuse("square out of range");
}

static int check_size(int size) { return size > 0 && size <= NET_LIMIT ? 1 : refuse("net size out of range"); }

static int check_rect(const Rect *r) {
    int good =
        in_range(r->x0) && in_range(r->y0) && in_range(r->x1) && in_range(r->y1) && r->x0 < r->x1 && r->y0 < r->y1;
    return good ? 1 : refuse("box empty or out of range");
}

static int check_image(int height, int width) {
    return height > 0 && width > 0 && height <= LIMIT && width <= LIMIT ? 1 : refuse("image size out of range");
}

/* 64-bit sizes: products that overflow wasm's 32-bit size_t must be refused, not wrapped. */
static void *scratch(uint64_t bytes) {
    void *memory = bytes <= (uint64_t)PY_SSIZE_T_MAX ? PyMem_Malloc(bytes ? (size_t)bytes : 1) : NULL;
    if (!memory) PyErr_NoMemory();
    return memory;
}

static void release(Py_buffer *buffers, int count) {
    for (int i = 0; i < count; i++) PyBuffer_Release(&buffers[i]);
}

static PyObject *finish(int good, Py_buffer *buffers, int count) {
    release(buffers, count);
    if (!good) return NULL;
    Py_RETURN_NONE;
}

static int resample_checked(const RowOps *ops, const Py_buffer *in, const Py_buffer *out, int height, int width,
                            int channels, Rect valid, Square square, int size, int planes, int outside, float gain) {
    const int64_t area = (int64_t)size * size;
    if (!check_image(height, width) || !check_rect(&valid) || !check_square(&square) || !check_size(size)) return 0;
    if (channels != 1 && channels != 3 && channels != 4) return refuse("channels must be 1, 3 or 4");
    if (planes != 3 && !(planes == 1 && channels == 1)) return refuse("planes must be 3, or 1 for one channel");
    if (valid.x0 < 0 || valid.y0 < 0 || valid.x1 > width || valid.y1 > height)
        return refuse("rectangle outside the image");
    if (!fits(in, (int64_t)height * width * channels, "image buffer has the wrong length")) return 0;
    if (!fits(out, area * planes * 4, "output buffer has the wrong length") || !aligned(out, 4) || !apart(in, out))
        return 0;

    const uint64_t row_length = (uint64_t)(valid.x1 - valid.x0) * (uint64_t)channels + 4;
    const uint64_t index_length = axis_index_length(square.side, size);
    const size_t pointers = (size_t)(square.side / size) + 3;
    const size_t taps = 2 * (size_t)size * sizeof(Taps);
    char *memory = scratch(taps + pointers * sizeof(uint8_t *) + 2 * index_length * 4 + row_length * 4);
    if (!memory) return 0;
    const uint8_t **rows = (const uint8_t **)memory;
    Taps *row_taps = (Taps *)(memory + pointers * sizeof(uint8_t *)), *column_taps = row_taps + size;
    int32_t *row_index = (int32_t *)(column_taps + size), *column_index = row_index + index_length;
    float *row_scratch = (float *)(column_index + index_length);
    axis_plan(square.y, square.side, size, valid.y0, valid.y1, outside, 1, row_taps, row_index);
    axis_plan(square.x, square.side, size, valid.x0, valid.x1, outside, channels, column_taps, column_index);
    resample(ops, in->buf, (size_t)width * (size_t)channels, channels, valid, row_taps, row_index, column_taps,
             column_index, size, planes, gain, row_scratch, rows, out->buf);
    PyMem_Free(memory);
    return 1;
}

static PyObject *py_resample(PyObject *self, PyObject *args) {
    Py_buffer buffers[2];
    int height, width, channels, size, planes, zero_outside;
    float gain;
    Rect v;
    Square s;
    if (!PyArg_ParseTuple(args, "y*iii(iiii)(iii)iipfw*", &buffers[0], &height, &width, &channels, &v.x0, &v.y0, &v.x1,
                          &v.y1, &s.x, &s.y, &s.side, &size, &planes, &zero_outside, &gain, &buffers[1])) {
        return NULL;
    }
    int outside = zero_outside ? OUTSIDE_ZERO : OUTSIDE_REFLECT;
    int good = resample_checked(twin_of(self), &buffers[0], &buffers[1], height, width, channels, v, s, size, planes,
                                outside, gain);
    return finish(good, buffers, 2);
}

static PyObject *py_click_maps(PyObject *self, PyObject *args) {
    Py_buffer b[3];
    int size;
    float radius;
    if (!PyArg_ParseTuple(args, "y*y*ifw*", &b[0], &b[1], &size, &radius, &b[2])) return NULL;
    int good = check_size(size) && fits(&b[0], (int64_t)b[1].len * 8, "clicks and signs differ in number") &&
               fits(&b[2], (int64_t)size * size * 8, "output buffer has the wrong length") && apart(&b[0], &b[2]) &&
               apart(&b[1], &b[2]) && aligned(&b[0], 4) && aligned(&b[2], 4);
    if (good && !(radius >= 0 && radius <= NET_LIMIT)) good = refuse("radius out of range");
    if (good) click_maps(twin_of(self), b[0].buf, b[1].buf, (size_t)b[1].len, size, radius, b[2].buf);
    return finish(good, b, 3);
}

/* What paste and join share: the area to write, the probabilities, and where its pixels fall in the net. */
typedef struct {
    Rect area;
    float *prob, *row;
    Sample *columns, *rows;
    uint8_t *flags;
} Enlarged;

static int largest(int a, int b) { return a > b ? a : b; }
static int smallest(int a, int b) { return a < b ? a : b; }

static int enlarge(const RowOps *ops, const Py_buffer *logits, int size, Square square, Rect box, int x, int y,
                   int width, int height, Enlarged *e) {
    e->prob = NULL;
    if (!check_size(size) || !check_square(&square) || !check_rect(&box) || !check_image(height, width)) return 0;
    if (!in_range(x) || !in_range(y)) return refuse("window origin out of range");
    if (!fits(logits, (int64_t)size * size * 4, "logits buffer has the wrong length") || !aligned(logits, 4)) return 0;
    e->area = (Rect){largest(box.x0, x), largest(box.y0, y), smallest(box.x1, x + width), smallest(box.y1, y + height)};
    if (e->area.x0 >= e->area.x1 || e->area.y0 >= e->area.y1) return 1; /* nothing to write */
    const size_t n = (size_t)size, w = (size_t)(e->area.x1 - e->area.x0), h = (size_t)(e->area.y1 - e->area.y0);
    e->prob = scratch(((uint64_t)n * n + n + 2 * (uint64_t)w) * 4 + ((uint64_t)w + h) * sizeof(Sample) + n + 16);
    if (!e->prob) return 0;
    e->row = e->prob + n * n;
    e->columns = (Sample *)(e->row + n + 2 * w);
    e->rows = e->columns + w;
    e->flags = (uint8_t *)(e->rows + h);
    ops->sigmoid(logits->buf, e->prob, n * n);
    sample_axis(square.x, square.side, size, e->area.x0, e->area.x1, e->columns);
    sample_axis(square.y, square.side, size, e->area.y0, e->area.y1, e->rows);
    return 1;
}

static PyObject *py_paste_mask(PyObject *self, PyObject *args) {
    Py_buffer b[2];
    int size, x, y, height, width;
    float threshold;
    Rect box;
    Square s;
    Enlarged e;
    if (!PyArg_ParseTuple(args, "y*i(iii)(iiii)w*ii(ii)f", &b[0], &size, &s.x, &s.y, &s.side, &box.x0, &box.y0, &box.x1,
                          &box.y1, &b[1], &height, &width, &x, &y, &threshold)) {
        return NULL;
    }
    int good = fits(&b[1], (int64_t)height * width, "mask buffer has the wrong length") && apart(&b[0], &b[1]) &&
               enlarge(twin_of(self), &b[0], size, s, box, x, y, width, height, &e);
    if (good && e.prob) {
        paste_mask(twin_of(self), e.prob, size, e.area, e.columns, e.rows, threshold, b[1].buf, (size_t)width, x, y,
                   e.row, e.flags);
        PyMem_Free(e.prob);
    }
    return finish(good, b, 2);
}

static PyObject *py_accumulate_region(PyObject *self, PyObject *args) {
    Py_buffer b[3];
    int size, x, y, height, width;
    Rect box;
    Square s;
    Enlarged e;
    if (!PyArg_ParseTuple(args, "y*i(iii)(iiii)w*w*ii(ii)", &b[0], &size, &s.x, &s.y, &s.side, &box.x0, &box.y0,
                          &box.x1, &box.y1, &b[1], &b[2], &height, &width, &x, &y)) {
        return NULL;
    }
    int good = fits(&b[1], (int64_t)height * width * 4, "num has the wrong length") &&
               fits(&b[2], (int64_t)height * width * 4, "den has the wrong length") && aligned(&b[1], 4) &&
               aligned(&b[2], 4) && apart(&b[0], &b[1]) && apart(&b[0], &b[2]) && apart(&b[1], &b[2]) &&
               enlarge(twin_of(self), &b[0], size, s, box, x, y, width, height, &e);
    if (good && e.prob) {
        accumulate_region(twin_of(self), e.prob, size, box, e.area, e.columns, e.rows, b[1].buf, b[2].buf,
                          (size_t)width, x, y, e.row);
        PyMem_Free(e.prob);
    }
    return finish(good, b, 3);
}

static PyObject *py_threshold_join(PyObject *self, PyObject *args) {
    Py_buffer b[3];
    float threshold;
    if (!PyArg_ParseTuple(args, "y*y*w*f", &b[0], &b[1], &b[2], &threshold)) return NULL;
    int good = fits(&b[0], (int64_t)b[2].len * 4, "num has the wrong length") &&
               fits(&b[1], (int64_t)b[2].len * 4, "den has the wrong length") && aligned(&b[0], 4) &&
               aligned(&b[1], 4) && apart(&b[0], &b[2]) && apart(&b[1], &b[2]);
    if (good) twin_of(self)->decide(b[0].buf, b[1].buf, threshold, b[2].buf, (size_t)b[2].len);
    return finish(good, b, 3);
}

static PyObject *py_sigmoid(PyObject *self, PyObject *args) {
    Py_buffer b[2];
    if (!PyArg_ParseTuple(args, "y*w*", &b[0], &b[1])) return NULL;
    int good = b[0].len % 4 == 0 ? fits(&b[1], b[0].len, "lengths differ") : refuse("not float32");
    good = good && aligned(&b[0], 4) && aligned(&b[1], 4) && apart(&b[0], &b[1]);
    if (good) twin_of(self)->sigmoid(b[0].buf, b[1].buf, (size_t)b[0].len / 4);
    return finish(good, b, 2);
}

static PyObject *label_checked(const RowOps *ops, const Py_buffer *mask, const Py_buffer *labels, int height, int width,
                               int connectivity) {
    if (!check_image(height, width) || !fits(mask, (int64_t)height * width, "mask buffer has the wrong length") ||
        !fits(labels, (int64_t)height * width * 4, "labels buffer has the wrong length") || !aligned(labels, 4) ||
        !apart(mask, labels)) {
        return NULL;
    }
    if (connectivity != 4 && connectivity != 8) return refuse("connectivity must be 4 or 8"), NULL;
    if (mask->len > INT32_MAX) return refuse("mask too large"), NULL; /* runs and labels are numbered in 32 bits */
    size_t count = find_runs(ops, mask->buf, width, height, NULL);
    Run *runs = scratch((uint64_t)count * (sizeof(Run) + 5 * sizeof(int64_t) + sizeof(int32_t)));
    if (!runs) return NULL;
    int64_t *stats = (int64_t *)(void *)(runs + count); /* sizeof(Run) is 16: aligned */
    int32_t *of_runs = (int32_t *)(void *)(stats + 5 * count);
    find_runs(ops, mask->buf, width, height, runs);
    size_t found = label_runs(runs, count, connectivity, of_runs, stats);
    paint_labels(runs, count, of_runs, width, height, labels->buf);
    PyObject *result = PyBytes_FromStringAndSize((const char *)stats, (Py_ssize_t)(found * 5 * sizeof(int64_t)));
    PyMem_Free(runs);
    return result;
}

static PyObject *py_label_components(PyObject *self, PyObject *args) {
    Py_buffer b[2];
    int height, width, connectivity;
    if (!PyArg_ParseTuple(args, "y*iiiw*", &b[0], &height, &width, &connectivity, &b[1])) return NULL;
    PyObject *result = label_checked(twin_of(self), &b[0], &b[1], height, width, connectivity);
    release(b, 2);
    return result;
}

/* Rows, first and last (half-open) columns -> runs; refused unless in reading order and neither empty nor touching. */
static int gather_runs(const int32_t *rows, const int32_t *first, const int32_t *last, size_t count, Run *runs) {
    for (size_t i = 0; i < count; i++) {
        runs[i] = (Run){rows[i], first[i], last[i], (int32_t)i};
        if (rows[i] < 0 || first[i] < 0 || rows[i] > LIMIT || last[i] > LIMIT || last[i] <= first[i])
            return refuse("runs empty or out of range");
        if (i && (rows[i] < rows[i - 1] || (rows[i] == rows[i - 1] && first[i] <= last[i - 1])))
            return refuse("runs out of order, or touching");
    }
    return 1;
}

/* b: rows, first, last, labels; int32, all of one length. */
static PyObject *label_runs_checked(const Py_buffer b[4], int connectivity) {
    for (int i = 0; i < 4; i++) {
        if (!fits(&b[i], (int64_t)b[3].len, "runs and labels differ in number") || !aligned(&b[i], 4)) return NULL;
        if (i < 3 && !apart(&b[i], &b[3])) return NULL;
    }
    if (b[3].len % 4) return refuse("not int32"), NULL;
    if (connectivity != 4 && connectivity != 8) return refuse("connectivity must be 4 or 8"), NULL;
    size_t count = (size_t)b[3].len / 4;
    if (count > INT32_MAX) return refuse("too many runs"), NULL;
    Run *runs = scratch((uint64_t)count * (sizeof(Run) + 5 * sizeof(int64_t)));
    if (!runs) return NULL;
    int64_t *stats = (int64_t *)(void *)(runs + count);
    PyObject *result = NULL;
    if (gather_runs(b[0].buf, b[1].buf, b[2].buf, count, runs)) {
        size_t found = label_runs(runs, count, connectivity, b[3].buf, stats);
        result = PyBytes_FromStringAndSize((const char *)stats, (Py_ssize_t)(found * 5 * sizeof(int64_t)));
    }
    PyMem_Free(runs);
    return result;
}

static PyObject *py_label_runs(PyObject *self, PyObject *args) {
    Py_buffer b[4];
    int connectivity;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*iw*", &b[0], &b[1], &b[2], &connectivity, &b[3])) return NULL;
    PyObject *result = label_runs_checked(b, connectivity);
    release(b, 4);
    return result;
}

static PyObject *rle_checked(const RowOps *ops, const Py_buffer *mask, int height, int width, int column_major) {
    if (!check_image(height, width) || !fits(mask, (int64_t)height * width, "mask buffer has the wrong length"))
        return NULL;
    if ((uint64_t)mask->len > UINT32_MAX) return refuse("mask too large"), NULL;
    const uint8_t *bytes = mask->buf;
    uint8_t *turned = NULL;
    if (column_major) {
        turned = scratch((size_t)mask->len);
        if (!turned) return NULL;
        transpose_truth(bytes, (size_t)width, (size_t)height, turned);
        bytes = turned;
    }
    PyObject *result = NULL;
    size_t count = rle_encode(ops, bytes, (size_t)mask->len, NULL);
    uint32_t *counts = scratch((uint64_t)count * 4);
    if (counts) {
        rle_encode(ops, bytes, (size_t)mask->len, counts);
        result = PyBytes_FromStringAndSize((const char *)counts, (Py_ssize_t)(count * 4));
    }
    PyMem_Free(counts);
    PyMem_Free(turned);
    return result;
}

static PyObject *py_rle_encode(PyObject *self, PyObject *args) {
    Py_buffer mask;
    int height, width, column_major;
    if (!PyArg_ParseTuple(args, "y*iip", &mask, &height, &width, &column_major)) return NULL;
    PyObject *result = rle_checked(twin_of(self), &mask, height, width, column_major);
    PyBuffer_Release(&mask);
    return result;
}

static PyObject *py_rle_decode(PyObject *self, PyObject *args) {
    Py_buffer b[2];
    (void)self;
    if (!PyArg_ParseTuple(args, "y*w*", &b[0], &b[1])) return NULL;
    int good = b[0].len % 4 == 0 ? aligned(&b[0], 4) && apart(&b[0], &b[1]) : refuse("counts must be uint32");
    if (good && !rle_decode(b[0].buf, (size_t)b[0].len / 4, b[1].buf, (size_t)b[1].len)) {
        good = refuse("run lengths do not fill the mask");
    }
    return finish(good, b, 2);
}

static PyObject *py_describe(PyObject *self, PyObject *args) {
    (void)args;
#if defined(__wasm_simd128__)
    const char *target = "wasm-simd128";
#elif defined(__wasm__)
    const char *target = "wasm";
#else
    const char *target = "native";
#endif
    return Py_BuildValue("{s:s,s:s,s:s}", "backend", twin_of(self)->name, "target", target, "compiler", __VERSION__);
}

static PyMethodDef methods[] = {
    {"resample", py_resample, METH_VARARGS, NULL},
    {"click_maps", py_click_maps, METH_VARARGS, NULL},
    {"paste_mask", py_paste_mask, METH_VARARGS, NULL},
    {"accumulate_region", py_accumulate_region, METH_VARARGS, NULL},
    {"threshold_join", py_threshold_join, METH_VARARGS, NULL},
    {"sigmoid", py_sigmoid, METH_VARARGS, NULL},
    {"label_components", py_label_components, METH_VARARGS, NULL},
    {"label_runs", py_label_runs, METH_VARARGS, NULL},
    {"rle_encode", py_rle_encode, METH_VARARGS, NULL},
    {"rle_decode", py_rle_decode, METH_VARARGS, NULL},
    {"describe", py_describe, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef simd_definition = {PyModuleDef_HEAD_INIT, "simd", "The vector twins.", -1, methods};
static struct PyModuleDef scalar_definition = {PyModuleDef_HEAD_INIT, "scalar", "The scalar twins.", -1, methods};
static struct PyModuleDef native_definition = {PyModuleDef_HEAD_INIT, "_native",
                                               "Segmark's kernels in C: twins `simd` and `scalar`.", -1};

static int add_twin(PyObject *module, const char *name, struct PyModuleDef *definition) {
    PyObject *twin = PyModule_Create(definition);
    int failed = !twin || PyModule_AddObjectRef(module, name, twin) < 0;
    Py_XDECREF(twin);
    return !failed;
}

PyMODINIT_FUNC PyInit__native(void) {
    PyObject *module = PyModule_Create(&native_definition);
    if (module && add_twin(module, "simd", &simd_definition) && add_twin(module, "scalar", &scalar_definition))
        return module;
    Py_XDECREF(module);
    return NULL;
}
