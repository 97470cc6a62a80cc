// Depthwise convolution for training, channels last, float32: y = clamp(conv(x, w) + b, 0, top), and its gradients.
//
// oneDNN's backward pass of a depthwise convolution takes ten to thirty times as long as its forward pass; here both
// are sums over one block of channels that stays in the second-level cache. x [N,H,W,C], w [K*K,C], y [N,H/S,W/S,C].
#include <algorithm>
#include <cstring>
#include <vector>

namespace {
constexpr int LANES = 16;
typedef float Lanes __attribute__((vector_size(LANES * sizeof(float))));

Lanes splat(float v) { return Lanes{} + v; }

// Read or write one block; the whole and the half block are common, and a copy of constant length is one instruction.
inline void copy(void *to, const void *from, int lanes) {
  if (lanes == LANES) std::memcpy(to, from, sizeof(Lanes));
  else if (lanes == LANES / 2) std::memcpy(to, from, sizeof(Lanes) / 2);
  else std::memcpy(to, from, lanes * sizeof(float));
}

// Rows of one block of channels, with a border of zeros to the left and the right.
struct Plane {
  int width;
  std::vector<Lanes> data;
  Plane(int rows, int columns) : width(columns), data(size_t(rows) * columns) {}
  Lanes *row(int y) { return data.data() + size_t(y) * width; }
  void clear() { std::fill(data.begin(), data.end(), splat(0)); }
  void clear_row(int y) { std::fill(row(y), row(y) + width, splat(0)); }
};

// Rows of output worked on at once: what they need fits into the second-level cache.
int band(int columns, int rows) { return std::clamp(1200 / columns, 4, rows); }

// Rows first .. first + count - 1 of an image; rows outside it are zeros.
void take(const float *src, int first, int count, int h, int w, int c, int lanes, Plane &to, int before) {
  for (int r = 0; r < count; r++) {
    const int y = first + r;
    if (y < 0 || y >= h) {
      to.clear_row(r);
      continue;
    }
    Lanes *out = to.row(r) + before;
    const float *in = src + size_t(y) * w * c;
    for (int x = 0; x < w; x++) copy(&out[x], in + size_t(x) * c, lanes);
  }
}

// Rows first .. of the gradient before the clamp, laid S apart in both directions; zeros between and outside.
template <int S>
void spread(const float *y, const float *g, int first, int count, int oh, int ow, int c, int lanes, float top,
            Plane &to, int before) {
  for (int r = 0; r < count; r++) {
    const int u = first + r;
    if (u < 0 || u % S || u / S >= oh) {
      to.clear_row(r);
      continue;
    }
    Lanes *out = to.row(r) + before;
    const size_t at = size_t(u / S) * ow * c;
    for (int x = 0; x < ow; x++) {
      Lanes seen = splat(0), grad = splat(0);
      copy(&seen, y + at + size_t(x) * c, lanes);
      copy(&grad, g + at + size_t(x) * c, lanes);
      out[x * S] = (seen > 0.0f && seen < top) ? grad : splat(0);
    }
  }
}

template <int K, int S>
void correlate(Plane &from, const Lanes *w, Lanes start, float *dst, int h, int width, int c, int lanes, float top) {
  constexpr int T = 4;
  for (int y = 0; y < h; y++)
    for (int x = 0; x < width; x += T) {
      Lanes sum[T] = {start, start, start, start};
      for (int ky = 0; ky < K; ky++) {
        const Lanes *in = from.row(y * S + ky) + x * S;
        for (int kx = 0; kx < K; kx++)
          for (int t = 0; t < T; t++) sum[t] += in[t * S + kx] * w[ky * K + kx];
      }
      for (int t = 0; t < T && x + t < width; t++) {
        if (top > 0) {
          sum[t] = sum[t] > 0.0f ? sum[t] : splat(0);
          sum[t] = sum[t] < top ? sum[t] : splat(top);
        }
        copy(dst + (size_t(y) * width + x + t) * c, &sum[t], lanes);
      }
    }
}

void load_weights(const float *w, int k2, int c, int lanes, Lanes *out, bool turned) {
  for (int i = 0; i < k2; i++) {
    out[i] = splat(0);
    copy(&out[i], w + size_t(turned ? k2 - 1 - i : i) * c, lanes);
  }
}

template <int K, int S>
void forward(const float *x, const float *w, const float *b, float *y, int n, int h, int wd, int c, float top) {
  const int before = (K - S) / 2, oh = h / S, ow = wd / S, step = band(ow, oh);
  Plane plane(step * S + K, wd + K + 4 * S);
  for (int c0 = 0; c0 < c; c0 += LANES) {
    const int lanes = std::min(LANES, c - c0);
    Lanes weights[K * K], start = splat(0);
    load_weights(w + c0, K * K, c, lanes, weights, false);
    copy(&start, b + c0, lanes);
    plane.clear();
    for (int i = 0; i < n; i++)
      for (int from = 0; from < oh; from += step) {
        const int rows = std::min(step, oh - from);
        take(x + size_t(i) * h * wd * c + c0, from * S - before, rows * S + K - S, h, wd, c, lanes, plane, before);
        correlate<K, S>(plane, weights, start, y + (size_t(i) * oh + from) * ow * c + c0, rows, ow, c, lanes, top);
      }
  }
}

template <int K, int S>
void backward(const float *x, const float *y, const float *g, const float *w, float *gx, float *gw, float *gb, int n,
              int h, int wd, int c, float top) {
  const int before = (K - S) / 2, after = K - 1 - before;
  const int oh = h / S, ow = wd / S, step = band(ow, oh);
  Plane in(step * S + K, wd + K + 4 * S), wide(step * S + K, wd + K + 4);
  for (int c0 = 0; c0 < c; c0 += LANES) {
    const int lanes = std::min(LANES, c - c0);
    Lanes turned[K * K], sums[K * K], total = splat(0);
    load_weights(w + c0, K * K, c, lanes, turned, true);
    for (Lanes &s : sums) s = splat(0);
    in.clear();
    wide.clear();
    for (int i = 0; i < n; i++) {
      const size_t at = size_t(i) * oh * ow * c + c0, from_x = size_t(i) * h * wd * c + c0;
      for (int from = 0; from < oh; from += step) {
        const int rows = std::min(step, oh - from);
        take(x + from_x, from * S - before, rows * S + K - S, h, wd, c, lanes, in, before);
        spread<S>(y + at, g + at, from * S - after, rows * S + K - 1, oh, ow, c, lanes, top, wide, after);
        for (int r = 0; r < rows; r++) {
          const Lanes *grad = wide.row(after + r * S) + after;
          for (int ky = 0; ky < K; ky++) {
            const Lanes *line = in.row(r * S + ky);
            Lanes part[K];
            for (int kx = 0; kx < K; kx++) part[kx] = sums[ky * K + kx];
            for (int xo = 0; xo < ow; xo++)
              for (int kx = 0; kx < K; kx++) part[kx] += grad[xo * S] * line[xo * S + kx];
            for (int kx = 0; kx < K; kx++) sums[ky * K + kx] = part[kx];
          }
          for (int xo = 0; xo < ow; xo++) total += grad[xo * S];
        }
        correlate<K, 1>(wide, turned, splat(0), gx + from_x + size_t(from) * S * wd * c, rows * S, wd, c, lanes, 0);
      }
    }
    for (int k = 0; k < K * K; k++) copy(gw + size_t(k) * c + c0, &sums[k], lanes);
    copy(gb + c0, &total, lanes);
  }
}
}  // namespace

extern "C" int depthwise_forward(const float *x, const float *w, const float *b, float *y, int n, int h, int wd, int c,
                                 int k, int s, float top) {
  if (k == 3 && s == 1) forward<3, 1>(x, w, b, y, n, h, wd, c, top);
  else if (k == 3 && s == 2) forward<3, 2>(x, w, b, y, n, h, wd, c, top);
  else if (k == 5 && s == 1) forward<5, 1>(x, w, b, y, n, h, wd, c, top);
  else if (k == 5 && s == 2) forward<5, 2>(x, w, b, y, n, h, wd, c, top);
  else return 1;
  return 0;
}

extern "C" int depthwise_backward(const float *x, const float *y, const float *g, const float *w, float *gx, float *gw,
                                  float *gb, int n, int h, int wd, int c, int k, int s, float top) {
  if (k == 3 && s == 1) backward<3, 1>(x, y, g, w, gx, gw, gb, n, h, wd, c, top);
  else if (k == 3 && s == 2) backward<3, 2>(x, y, g, w, gx, gw, gb, n, h, wd, c, top);
  else if (k == 5 && s == 1) backward<5, 1>(x, y, g, w, gx, gw, gb, n, h, wd, c, top);
  else if (k == 5 && s == 2) backward<5, 2>(x, y, g, w, gx, gw, gb, n, h, wd, c, top);
  else return 1;
  return 0;
}
