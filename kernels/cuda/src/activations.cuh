// The formulas of activations. activation.cu runs them by themselves, bias_activation.cu behind a layer.
//
// Each formula is a struct: value(x) is y, gradient(g, x) is dx. a, b and c are the settings of the function of the same
// name in xdl/functional/elementwise, in its order. Relu, Sigmoid and Tanh have their gradient in terms of y instead
// of x. At infinity values and gradients are their limits, so no formula computes inf * 0 or inf - inf; nan stays nan.
#pragma once
#include "packs.cuh"

#define SQRT_2_OVER_PI real(0.79788456080286535588)
#define SQRT_HALF real(0.70710678118654752440)
#define TWO_OVER_SQRT_PI real(1.12837916709551257390)
#define CUBE real(0.044715)

struct Settings {
  real a, b, c;
};

// x, or the bound that it is beyond; nan stays nan
__device__ __forceinline__ real at_least(real x, real low) { return x < low ? low : x; }
__device__ __forceinline__ real at_most(real x, real high) { return x > high ? high : x; }
__device__ __forceinline__ real clip(real x, real low, real high) { return at_most(at_least(x, low), high); }

// exact for small results too, which 1 / (1 + e**-x) is not
__device__ __forceinline__ real logistic(real x) {
  const real z = exp(at_most(x, 80));
  return z / (z + 1);
}

struct Clip {  // a: low, b: high
  static __device__ real value(real x, Settings s) { return clip(x, s.a, s.b); }
  static __device__ real gradient(real g, real x, Settings s) { return x > s.a && x < s.b ? g : g * 0; }
};

struct Relu {
  static __device__ real value(real x, Settings) { return at_least(x, 0); }
  static __device__ real gradient(real g, real y, Settings) { return y != 0 ? g : 0; }
};

struct LeakyRelu {  // a: slope for x <= 0
  static __device__ real value(real x, Settings s) { return at_least(x, 0) + at_most(x, 0) * s.a; }
  static __device__ real gradient(real g, real x, Settings s) { return g * (x > 0 ? 1 : s.a); }
};

struct Elu {  // a: alpha, b: scale, c: rate
  static __device__ real value(real x, Settings s) {
    return at_least(x, 0) * s.b + expm1(at_most(x, 0) * s.c) * (s.a * s.b);
  }
  static __device__ real gradient(real g, real x, Settings s) {
    return g * (x > 0 ? s.b : exp(at_most(x, 0) * s.c) * (s.a * s.b * s.c));
  }
};

struct Sigmoid {
  static __device__ real value(real x, Settings) { return logistic(x); }
  static __device__ real gradient(real g, real y, Settings) { return g * y * (1 - y); }
};

struct LogSigmoid {
  static __device__ real value(real x, Settings) { return at_most(x, 0) - log1p(exp(-fabs(x))); }
  static __device__ real gradient(real g, real x, Settings) { return g * logistic(-x); }
};

struct Softplus {  // a: beta, b: threshold
  static __device__ real value(real x, Settings s) {
    return x * s.a > s.b ? x : log1p(exp(at_most(x * s.a, s.b))) / s.a;
  }
  static __device__ real gradient(real g, real x, Settings s) { return x * s.a > s.b ? g : g * logistic(x * s.a); }
};

struct Silu {  // s = sigmoid x is 0 or 1 where x is cut off
  static __device__ real value(real x, Settings) { return at_least(x, real(-1e4)) * logistic(x); }
  static __device__ real gradient(real g, real x, Settings) {
    const real s = logistic(x);
    return g * (s + clip(x, real(-1e4), real(1e4)) * s * (1 - s));
  }
};

struct Mish {  // weight: tanh ln (1 + e**x); from 20 on it is 1
  static __device__ real weight(real x) {
    const real e = exp(at_most(x, 20)), n = e * (e + 2);
    return n / (n + 2);
  }
  static __device__ real value(real x, Settings) { return at_least(x, real(-1e4)) * weight(x); }
  static __device__ real gradient(real g, real x, Settings) {
    const real w = weight(x);
    return g * (w + clip(x, real(-1e4), real(1e4)) * (1 - w * w) * logistic(x));
  }
};

struct Gelu {  // probability: that a standard normal number is below x; it is 0 or 1 beyond 40
  static __device__ real probability(real x) { return erfc(-x * SQRT_HALF) / 2; }
  static __device__ real value(real x, Settings) { return at_least(x, -40) * probability(x); }
  static __device__ real gradient(real g, real x, Settings) {
    const real c = clip(x, -40, 40);
    return g * (probability(x) + c * exp(c * c / -2) * (SQRT_2_OVER_PI / 2));
  }
};

struct GeluTanh {  // probability: sigmoid (2 u), u = sqrt(2 / pi) (x + 0.044715 x**3)
  static __device__ real probability(real c) { return logistic((c + c * c * c * CUBE) * (2 * SQRT_2_OVER_PI)); }
  static __device__ real value(real x, Settings) { return at_least(x, -40) * probability(clip(x, -40, 40)); }
  static __device__ real gradient(real g, real x, Settings) {
    const real c = clip(x, -40, 40), p = probability(c);
    return g * (p + c * p * (1 - p) * (c * c * (3 * CUBE) + 1) * (2 * SQRT_2_OVER_PI));
  }
};

struct Softsign {
  static __device__ real value(real x, Settings) { return fabs(x) < INFINITE ? x / (fabs(x) + 1) : x > 0 ? 1 : x < 0 ? -1 : x; }
  static __device__ real gradient(real g, real x, Settings) {
    const real t = 1 / (fabs(x) + 1);
    return g * t * t;
  }
};

struct Tanh {
  static __device__ real value(real x, Settings) { return tanh(x); }
  static __device__ real gradient(real g, real y, Settings) { return g * (1 - y * y); }
};

struct Tanhshrink {
  static __device__ real value(real x, Settings) { return x - tanh(x); }
  static __device__ real gradient(real g, real x, Settings) { return g * tanh(x) * tanh(x); }
};

struct Hardsigmoid {
  static __device__ real value(real x, Settings) { return clip(x + 3, 0, 6) / 6; }
  static __device__ real gradient(real g, real x, Settings) { return g * (x > -3 && x < 3 ? real(1) / 6 : 0); }
};

struct Hardswish {
  static __device__ real value(real x, Settings) { return at_least(x, -3) * (clip(x, -3, 3) + 3) / 6; }
  static __device__ real gradient(real g, real x, Settings) {
    return g * (x > -3 && x < 3 ? x / 3 + real(0.5) : x >= 3 ? 1 : clip(x, 0, 0));
  }
};

struct Hardshrink {  // a: lambd
  static __device__ real value(real x, Settings s) { return x * !(fabs(x) <= s.a); }
  static __device__ real gradient(real g, real x, Settings s) { return g * (fabs(x) > s.a); }
};

struct Softshrink {  // a: lambd
  static __device__ real value(real x, Settings s) { return x - clip(x, -s.a, s.a); }
  static __device__ real gradient(real g, real x, Settings s) { return g * (fabs(x) > s.a); }
};

struct Threshold {  // a: threshold, b: value
  static __device__ real value(real x, Settings s) { return x <= s.a ? s.b : x; }
  static __device__ real gradient(real g, real x, Settings s) { return g * !(x <= s.a); }
};

struct Erf {
  static __device__ real value(real x, Settings) { return erf(x); }
  static __device__ real gradient(real g, real x, Settings) { return g * exp(-x * x) * TWO_OVER_SQRT_PI; }
};

struct Erfc {
  static __device__ real value(real x, Settings) { return erfc(x); }
  static __device__ real gradient(real g, real x, Settings) { return g * exp(-x * x) * -TWO_OVER_SQRT_PI; }
};

// The numbers by which kernels/cuda/elementwise/formulas.py calls them.
enum Kind {
  CLIP, RELU, LEAKY_RELU, ELU, SIGMOID, LOGSIGMOID, SOFTPLUS, SILU, MISH, GELU, GELU_TANH, SOFTSIGN, TANH, TANHSHRINK,
  HARDSIGMOID, HARDSWISH, HARDSHRINK, SOFTSHRINK, THRESHOLD, ERF, ERFC
};

// Runs walk(formula) with the formula of that kind: the choice is made once a thread, outside its loop.
template <class Walk>
__device__ __forceinline__ void with_formula(int kind, Walk walk) {
  switch (kind) {
    case CLIP: return walk(Clip());
    case RELU: return walk(Relu());
    case LEAKY_RELU: return walk(LeakyRelu());
    case ELU: return walk(Elu());
    case SIGMOID: return walk(Sigmoid());
    case LOGSIGMOID: return walk(LogSigmoid());
    case SOFTPLUS: return walk(Softplus());
    case SILU: return walk(Silu());
    case MISH: return walk(Mish());
    case GELU: return walk(Gelu());
    case GELU_TANH: return walk(GeluTanh());
    case SOFTSIGN: return walk(Softsign());
    case TANH: return walk(Tanh());
    case TANHSHRINK: return walk(Tanhshrink());
    case HARDSIGMOID: return walk(Hardsigmoid());
    case HARDSWISH: return walk(Hardswish());
    case HARDSHRINK: return walk(Hardshrink());
    case SOFTSHRINK: return walk(Softshrink());
    case THRESHOLD: return walk(Threshold());
    case ERF: return walk(Erf());
    case ERFC: return walk(Erfc());
  }
}
