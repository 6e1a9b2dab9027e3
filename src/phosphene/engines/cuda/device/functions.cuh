// The functions of GLSL.std.450, as GLSL 4.50 chapter 8 defines them. NVRTC compiles with fast maths, so
// that exp2f, division, roots … are the units that graphics drivers use too.
#pragma once
#include "vectors.cuh"

#define PH_FLOAT1(NAME, EXPRESSION) \
  PH_FN float NAME(float a) { return EXPRESSION; } \
  PH_MAP1(NAME, float, float)
#define PH_FLOAT2(NAME, EXPRESSION) \
  PH_FN float NAME(float a, float b) { return EXPRESSION; } \
  PH_MAP2(NAME, float, float)
#define PH_FLOAT3(NAME, EXPRESSION) \
  PH_FN float NAME(float a, float b, float c) { return EXPRESSION; } \
  PH_MAP3(NAME, float)

namespace glsl {
#ifdef __CUDACC__
PH_FN float reciprocal_root(float a) { return rsqrtf(a); }
PH_FN float unit_sine(float a) { return sinf(a); }
PH_FN float unit_cosine(float a) { return cosf(a); }
PH_FN float within_unit(float a) { return __saturatef(a); }
PH_FN float rounded_product(float a, float b) { return __fmul_rn(a, b); }
PH_FN float rounded_sum(float a, float b) { return __fadd_rn(a, b); }
#else
PH_FN float reciprocal_root(float a) { return 1.0f / sqrtf(a); }
// The GPU's unit takes turns, rounded towards 0: large angles are off by as much here as there.
PH_FN float turns(float a) {
  double exact = (double)a * 0.15915493667125702;
  float rounded = (float)exact;
  return std::fabs((double)rounded) > std::fabs(exact) ? std::nextafter(rounded, 0.0f) : rounded;
}
PH_FN float unit_sine(float a) { return (float)std::sin(6.283185307179586 * turns(a)); }
PH_FN float unit_cosine(float a) { return (float)std::cos(6.283185307179586 * turns(a)); }
PH_FN float within_unit(float a) { return fminf(fmaxf(a, 0.0f), 1.0f); }
PH_FN float rounded_product(float a, float b) { return rounded(a * b); }
PH_FN float rounded_sum(float a, float b) { return rounded(rounded(a) + rounded(b)); }
#endif
// Correctly rounded for all but a few operands (Markstein 1990), without the branch for numbers next to 0 and infinity
// that the compiler's own has.
PH_FN float mended_quotient(float a, float b, float reciprocal) {
  float quotient = a * reciprocal;
  return fmaf(fmaf(quotient, -b, a), reciprocal, quotient);
}
PH_FN float rounded_quotient(float a, float b) {
  float reciprocal = 1.0f / b, quotient = mended_quotient(a, b, fmaf(fmaf(-reciprocal, b, 1.0f), reciprocal, reciprocal));
  return quotient == quotient ? quotient : a / b;  // by 0 or infinity, or of it
}

// Where the last places count (emitter/precision.py): not approximate, and not fused with the sums they go into.
PH_FLOAT2(exact_quotient, rounded_quotient(a, b)) PH_FLOAT2(exact_product, rounded_product(a, b))
PH_FN vec2 exact_product(vec2 a, float s) { return exact_product(a, vec2{s, s}); }
PH_FN vec3 exact_product(vec3 a, float s) { return exact_product(a, vec3{s, s, s}); }
PH_FN vec4 exact_product(vec4 a, float s) { return exact_product(a, vec4{s, s, s, s}); }
// From the last component to the first, as Mesa adds them up.
PH_FN float exact_dot(vec2 a, vec2 b) { vec2 p = exact_product(a, b); return p.x + p.y; }
PH_FN float exact_dot(vec3 a, vec3 b) { vec3 p = exact_product(a, b); return p.z + p.y + p.x; }
PH_FN float exact_dot(vec4 a, vec4 b) { vec4 p = exact_product(a, b); return p.w + p.z + p.y + p.x; }
template <class V, int N> PH_FN Matrix<V, N> exact_product(Matrix<V, N> m, float s) {
  for (int i = 0; i < N; i++) m.column[i] = exact_product(m.column[i], s);
  return m;
}
template <class V> PH_FN V exact_matrix_times_vector(const Matrix<V, 2>& m, vec2 v) { return exact_product(m.column[0], v.x) + exact_product(m.column[1], v.y); }
template <class V> PH_FN V exact_matrix_times_vector(const Matrix<V, 3>& m, vec3 v) { return exact_product(m.column[0], v.x) + exact_product(m.column[1], v.y) + exact_product(m.column[2], v.z); }
template <class V> PH_FN V exact_matrix_times_vector(const Matrix<V, 4>& m, vec4 v) { return exact_product(m.column[0], v.x) + exact_product(m.column[1], v.y) + exact_product(m.column[2], v.z) + exact_product(m.column[3], v.w); }
template <class V> PH_FN vec2 exact_vector_times_matrix(V v, const Matrix<V, 2>& m) { return {exact_dot(v, m.column[0]), exact_dot(v, m.column[1])}; }
template <class V> PH_FN vec3 exact_vector_times_matrix(V v, const Matrix<V, 3>& m) { return {exact_dot(v, m.column[0]), exact_dot(v, m.column[1]), exact_dot(v, m.column[2])}; }
template <class V> PH_FN vec4 exact_vector_times_matrix(V v, const Matrix<V, 4>& m) { return {exact_dot(v, m.column[0]), exact_dot(v, m.column[1]), exact_dot(v, m.column[2]), exact_dot(v, m.column[3])}; }
template <class V, int K, class W, int N> PH_FN Matrix<V, N> exact_matrix_times_matrix(const Matrix<V, K>& a, const Matrix<W, N>& b) {
  Matrix<V, N> r;
  for (int i = 0; i < N; i++) r.column[i] = exact_matrix_times_vector(a, b.column[i]);
  return r;
}

// Whole numbers are rounded to, for less than 2^22 (beyond, to any number), by adding this: that runs at the full rate, the
// GPU's conversions at an eighth of it.
#define PH_SHIFT 12582912.0f  // 1.5 * 2^23
PH_FN float nearest(float a, int& whole) {
  float shifted = rounded_sum(a, PH_SHIFT);
  whole = as_int(shifted) - 0x4b400000;
  return rounded_sum(shifted, -PH_SHIFT);
}

PH_FN float within(float a, float bound) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 860
  float r;  // the smaller magnitude under both signs: one instruction
  asm("min.xorsign.abs.f32 %0, %1, %2;" : "=f"(r) : "f"(a), "f"(bound));
  return r;
#else
  return fminf(fmaxf(a, -bound), bound);
#endif
}

// Sine and cosine for programs that multiply them by 43758 and keep the fraction: the GPU's own unit would give other
// hashes than every other renderer. Operation by operation those of Cephes' sinf (Moshier 1992), which Mesa's llvmpipe
// computes too, so that most hashes are equal to the last bit: the angle is reduced to a quarter turn by pi/2 in three
// parts, then a polynomial; beyond 1e5 the fraction of a turn is noise in any case, and only the bounds are kept.
PH_FN float quarter_turns(float a, uint& quadrant) {
  float shifted = fmaf(a, 0.636619772f, PH_SHIFT);
  quadrant = as_uint(shifted);  // of which the last two bits count
  float turns = rounded_sum(shifted, -PH_SHIFT);
  float rest = fmaf(turns, -7.54978996e-8f, fmaf(turns, -4.83751297e-4f, fmaf(turns, -1.5703125f, a)));
  return within(rest, 1.0f);
}
PH_FN float sine_of(float rest, uint quadrant) {
  float z = rounded_product(rest, rest);
  float s = rounded_product(fmaf(fmaf(z, -1.9515295891e-4f, 8.3321608736e-3f), z, -1.6666654611e-1f), z);
  float c = fmaf(fmaf(z, 2.443315711809948e-5f, -1.388731625493765e-3f), z, 4.166664568298827e-2f);
  c = rounded_sum(fmaf(z, -0.5f, rounded_product(rounded_product(c, z), z)), 1.0f);
  float value = quadrant & 1u ? c : fmaf(s, rest, rest);
  return as_float(as_uint(value) ^ (quadrant << 30 & 0x80000000u));
}
PH_EXACT float accurate_sine(float a) { uint quadrant; float rest = quarter_turns(a, quadrant); return sine_of(rest, quadrant); }
PH_EXACT float accurate_cosine(float a) { uint quadrant; float rest = quarter_turns(a, quadrant); return sine_of(rest, quadrant + 1u); }

// Where hashes are shown nearly as they are: right to 1.3e-7 up to 1e4, four of five equal to Cephes'. The angle is reduced to half
// a turn, then a polynomial (the smallest maximal error of its degree, 5e-9).
PH_FN float near_sine(float a) {
  float shifted = fmaf(a, 0.318309886f, PH_SHIFT), turns = rounded_sum(shifted, -PH_SHIFT);
  float rest = within(fmaf(turns, 8.74227766e-8f, fmaf(turns, -3.14159274f, a)), 1.75f), z = rest * rest;
  float s = fmaf(fmaf(fmaf(z, 2.6000542e-6f, -1.98066149e-4f), z, 8.33301729e-3f), z, -1.66666571e-1f);
  return as_float(as_uint(fmaf(s * z, rest, rest)) ^ (as_uint(shifted) << 31));
}

// The arc tangent as Mesa has it (nir_atan2): a polynomial of the smaller by the larger, right to 2e-5.
PH_FN float arc_of(float smaller, float larger) {
  float a = smaller == larger ? 1.0f : smaller / larger, z = a * a;
  float p = fmaf(fmaf(fmaf(z, -0.0121323213173444f, 0.0536813784310406f), z, -0.1173503194786851f), z, 0.1938924977115610f);
  return fmaf(fmaf(p, z, -0.3326756418091246f), z, 0.9999793128310355f) * a;
}
PH_FN float arc_tangent(float y, float x) {
  float up = fabsf(y), along = fabsf(x);
  float arc = arc_of(fminf(up, along), fmaxf(up, along));
  arc = up > along ? 1.57079633f - arc : arc;
  arc = x <= 0.0f ? 3.14159265f - arc : arc;
  return as_float(as_uint(arc) | (as_uint(y) & 0x80000000u));
}

// Arc sine and cosine as Mesa has them (asin_expr): the root of what is missing to 1, by a polynomial, right to 4e-4.
PH_FN float arc_sine(float a, float p, float q) {
  float x = fabsf(a), tail = fmaf(fmaf(fmaf(x, q, p), x, -0.21460184f), x, 1.57079633f);
  return as_float(as_uint(fmaf(-sqrtf(1.0f - x), tail, 1.57079633f)) | (as_uint(a) & 0x80000000u));
}

PH_FLOAT1(round_even, rintf(a)) PH_FLOAT1(trunc, truncf(a)) PH_FLOAT1(floor, floorf(a)) PH_FLOAT1(ceil, ceilf(a))
PH_FLOAT1(fract, rounded_sum(a, -floorf(a))) PH_FLOAT1(fract_toward_zero, rounded_sum(a, -truncf(a)))
PH_FLOAT1(abs, fabsf(a)) PH_FLOAT1(sign, (a > 0.0f ? 1.0f : 0.0f) - (a < 0.0f ? 1.0f : 0.0f))
// All other sines are the GPU's own unit, as drivers take them: off by 7e-7 and by the last place of the argument.
PH_FLOAT1(sin, unit_sine(a)) PH_FLOAT1(cos, unit_cosine(a))
PH_FLOAT1(exact_sin, accurate_sine(a)) PH_FLOAT1(exact_cos, accurate_cosine(a)) PH_FLOAT1(near_sin, near_sine(a))
PH_FLOAT1(tan, accurate_sine(a) / accurate_cosine(a))
PH_FLOAT1(asin, arc_sine(a, 0.086566724f, -0.03102955f)) PH_FLOAT1(acos, 1.57079633f - arc_sine(a, 0.08132463f, -0.02363318f))
PH_FLOAT1(atan, arc_tangent(a, 1.0f))
PH_FLOAT1(sinh, sinhf(a)) PH_FLOAT1(cosh, coshf(a)) PH_FLOAT1(tanh, tanhf(a))
PH_FLOAT1(asinh, asinhf(a)) PH_FLOAT1(acosh, acoshf(a)) PH_FLOAT1(atanh, atanhf(a))
PH_FLOAT1(exp, expf(a)) PH_FLOAT1(log, logf(a)) PH_FLOAT1(exp2, exp2f(a)) PH_FLOAT1(log2, log2f(a))
PH_FLOAT1(sqrt, sqrtf(a)) PH_FLOAT1(inverse_sqrt, reciprocal_root(a))
PH_FLOAT2(atan, arc_tangent(a, b)) PH_FLOAT2(min, fminf(a, b)) PH_FLOAT2(max, fmaxf(a, b))
// Drivers multiply out powers of two, which also serves negative bases; else GLSL leaves those open, and drivers' are
// not a number.
PH_FN float cube(float a) { return a < 0.0f ? as_float(0x7fc00000u) : a * a * a; }
PH_FLOAT2(power, exp2f(b * log2f(a)))
PH_FLOAT2(power_by_constant, b == 2.0f ? a * a : b == 1.0f ? a : b == 3.0f ? cube(a) : b == 4.0f ? (a * a) * (a * a) : power(a, b))
PH_FLOAT2(step, b >= a ? 1.0f : 0.0f)
// An approximate quotient would make mod(6, 3) 3 now and then. Rounded twice, as GLSL writes it: fused, large numbers by
// small ones would leave what no other renderer shows. By 0 it is `a`: drivers take 0 times anything for 0.
PH_FN float within_period(float a, float b) {
  float rest = rounded_sum(a, -rounded_product(b, floorf(mended_quotient(a, b, 1.0f / b))));
  return b == 0.0f ? a : rest;
}
PH_FLOAT2(fmodulo, within_period(a, b)) PH_FLOAT2(fremainder, rounded_sum(a, -rounded_product(b, truncf(exact_quotient(a, b)))))
PH_FLOAT3(clamp, fminf(fmaxf(a, b), c)) PH_FLOAT1(saturate, within_unit(a)) PH_FLOAT3(mix, fmaf(b, c, fmaf(-a, c, a)))
PH_FN float smoothstep(float a, float b, float x) { float t = saturate((x - a) / (b - a)); return t * t * fmaf(t, -2.0f, 3.0f); }
PH_MAP3(smoothstep, float)
PH_FN bool is_nan(float a) { return a != a; }
PH_FN bool is_inf(float a) { return (as_uint(a) & 0x7fffffffu) == 0x7f800000u; }
PH_MAP1(is_nan, bool, float) PH_MAP1(is_inf, bool, float)

#define PH_ORDER(T) \
  PH_FN T min(T a, T b) { return b < a ? b : a; } PH_FN T max(T a, T b) { return a < b ? b : a; } \
  PH_FN T clamp(T a, T b, T c) { return min(max(a, b), c); } \
  PH_MAP2(min, T, T) PH_MAP2(max, T, T) PH_MAP3(clamp, T)
PH_ORDER(int) PH_ORDER(uint)
PH_FN int abs(int a) { return a < 0 ? negate(a) : a; }
PH_FN int sign(int a) { return (a > 0) - (a < 0); }
PH_MAP1(abs, int, int) PH_MAP1(sign, int, int)

// Geometry. Of a scalar, too: GLSL allows it.
PH_FN float dot(float a, float b) { return a * b; }
using ::dot;
template <class T> PH_FN float length(T a) { return sqrtf(dot(a, a)); }
PH_FN float length(float a) { return fabsf(a); }
template <class T> PH_FN float distance(T a, T b) { return length(a - b); }
template <class T> PH_FN T normalize(T a) { return a * reciprocal_root(dot(a, a)); }
PH_FN float normalize(float a) { return sign(a); }
template <class T> PH_FN T faceforward(T n, T i, T reference) { return dot(reference, i) < 0.0f ? n : -n; }
template <class T> PH_FN T reflect(T i, T n) { return i - n * (2.0f * dot(n, i)); }
template <class T> PH_FN T refract(T i, T n, float eta) {
  float d = dot(n, i), k = 1.0f - eta * eta * (1.0f - d * d);
  return k < 0.0f ? T{} : i * eta - n * (eta * d + sqrtf(k));
}
PH_FN vec3 cross(vec3 a, vec3 b) { return {a.y * b.z - b.y * a.z, a.z * b.x - b.z * a.x, a.x * b.y - b.x * a.y}; }

// Numbers in parts.
template <class T> PH_FN T modf(T a, T& whole) { whole = trunc(a); return a - whole; }
PH_FN int frexp_exponent(float a) {
  if (a == 0.0f || is_nan(a) || is_inf(a)) return 0;
  return (int)floorf(log2f(fabsf(a))) + 1;
}
PH_FN float ldexp(float a, int e) { return a * exp2f((float)e); }
PH_FN float frexp_mantissa(float a) { return ldexp(a, -frexp_exponent(a)); }
PH_FN float frexp(float a, int& e) { e = frexp_exponent(a); return ldexp(a, -e); }
PH_MAP1(frexp_exponent, int, float) PH_MAP1(frexp_mantissa, float, float)
PH_FN vec2 frexp(vec2 a, ivec2& e) { return {frexp(a.x, e.x), frexp(a.y, e.y)}; }
PH_FN vec3 frexp(vec3 a, ivec3& e) { return {frexp(a.x, e.x), frexp(a.y, e.y), frexp(a.z, e.z)}; }
PH_FN vec4 frexp(vec4 a, ivec4& e) { return {frexp(a.x, e.x), frexp(a.y, e.y), frexp(a.z, e.z), frexp(a.w, e.w)}; }
PH_FN vec2 ldexp(vec2 a, ivec2 e) { return {ldexp(a.x, e.x), ldexp(a.y, e.y)}; }
PH_FN vec3 ldexp(vec3 a, ivec3 e) { return {ldexp(a.x, e.x), ldexp(a.y, e.y), ldexp(a.z, e.z)}; }
PH_FN vec4 ldexp(vec4 a, ivec4 e) { return {ldexp(a.x, e.x), ldexp(a.y, e.y), ldexp(a.z, e.z), ldexp(a.w, e.w)}; }

// Packing (GLSL 4.50, 8.4). Halves are rounded to nearest even.
PH_FN uint half_bits(float a) {
  uint bits = as_uint(a), sign = (bits >> 16) & 0x8000u, rest = bits & 0x7fffffffu;
  if (rest > 0x7f800000u) return sign | 0x7e00u;
  if (rest >= 0x47800000u) return sign | 0x7c00u;
  if (rest < 0x38800000u) return sign | (uint)rintf(as_float(rest) * 16777216.0f);
  rest += 0xfffu + ((rest >> 13) & 1u);
  return sign | ((rest - 0x38000000u) >> 13);
}
PH_FN float half_value(uint h) {
  uint sign = (h & 0x8000u) << 16, exponent = (h >> 10) & 31u, mantissa = h & 1023u;
  if (exponent == 31u) return as_float(sign | 0x7f800000u | (mantissa << 13));
  if (exponent == 0u) return as_float(sign | as_uint((float)mantissa * 5.9604644775390625e-8f));
  return as_float(sign | ((exponent + 112u) << 23) | (mantissa << 13));
}
PH_FLOAT1(quantize_half, half_value(half_bits(a)))
PH_FN uint pack_half_2x16(vec2 a) { return half_bits(a.x) | (half_bits(a.y) << 16); }
PH_FN vec2 unpack_half_2x16(uint a) { return {half_value(a & 0xffffu), half_value(a >> 16)}; }
PH_FN uint unorm_bits(float a, float top) { return (uint)rintf(clamp(a, 0.0f, 1.0f) * top); }
PH_FN uint snorm_bits(float a, float top) { return (uint)(int)rintf(clamp(a, -1.0f, 1.0f) * top); }
PH_FN float snorm_value(int a, float top) { return clamp((float)a / top, -1.0f, 1.0f); }
PH_FN uint pack_unorm_2x16(vec2 a) { return unorm_bits(a.x, 65535.0f) | (unorm_bits(a.y, 65535.0f) << 16); }
PH_FN uint pack_snorm_2x16(vec2 a) { return (snorm_bits(a.x, 32767.0f) & 0xffffu) | (snorm_bits(a.y, 32767.0f) << 16); }
PH_FN uint pack_unorm_4x8(vec4 a) { return unorm_bits(a.x, 255.0f) | (unorm_bits(a.y, 255.0f) << 8) | (unorm_bits(a.z, 255.0f) << 16) | (unorm_bits(a.w, 255.0f) << 24); }
PH_FN uint pack_snorm_4x8(vec4 a) { return (snorm_bits(a.x, 127.0f) & 255u) | ((snorm_bits(a.y, 127.0f) & 255u) << 8) | ((snorm_bits(a.z, 127.0f) & 255u) << 16) | (snorm_bits(a.w, 127.0f) << 24); }
PH_FN vec2 unpack_unorm_2x16(uint a) { return {(float)(a & 0xffffu) / 65535.0f, (float)(a >> 16) / 65535.0f}; }
PH_FN vec2 unpack_snorm_2x16(uint a) { return {snorm_value((int)(a << 16) >> 16, 32767.0f), snorm_value((int)a >> 16, 32767.0f)}; }
PH_FN vec4 unpack_unorm_4x8(uint a) { return {(float)(a & 255u) / 255.0f, (float)((a >> 8) & 255u) / 255.0f, (float)((a >> 16) & 255u) / 255.0f, (float)(a >> 24) / 255.0f}; }
PH_FN vec4 unpack_snorm_4x8(uint a) { return {snorm_value((int)(a << 24) >> 24, 127.0f), snorm_value((int)(a << 16) >> 24, 127.0f), snorm_value((int)(a << 8) >> 24, 127.0f), snorm_value((int)a >> 24, 127.0f)}; }

// Determinants and inverses.
PH_FN float determinant(const Matrix<vec2, 2>& m) { return m.column[0].x * m.column[1].y - m.column[1].x * m.column[0].y; }
PH_FN float determinant(const Matrix<vec3, 3>& m) { return dot(m.column[0], cross(m.column[1], m.column[2])); }
PH_FN Matrix<vec2, 2> inverse(const Matrix<vec2, 2>& m) {
  float s = 1.0f / determinant(m);
  return {{{m.column[1].y * s, -m.column[0].y * s}, {-m.column[1].x * s, m.column[0].x * s}}};
}
PH_FN Matrix<vec3, 3> inverse(const Matrix<vec3, 3>& m) {
  Matrix<vec3, 3> rows = {{cross(m.column[1], m.column[2]), cross(m.column[2], m.column[0]), cross(m.column[0], m.column[1])}};
  return transpose(rows) * (1.0f / determinant(m));
}
PH_FN Matrix<vec4, 4> cofactors(const Matrix<vec4, 4>& m) {
  Matrix<vec4, 4> r;
  const float* a = &m.column[0].x;  // a[4 * column + row]
  float* b = &r.column[0].x;
  for (int c = 0; c < 4; c++) for (int w = 0; w < 4; w++) {
    float n[9]; int k = 0;
    for (int i = 0; i < 4; i++) for (int j = 0; j < 4; j++) if (i != c && j != w) n[k++] = a[4 * i + j];
    float minor = n[0] * (n[4] * n[8] - n[5] * n[7]) - n[1] * (n[3] * n[8] - n[5] * n[6]) + n[2] * (n[3] * n[7] - n[4] * n[6]);
    b[4 * c + w] = (c + w) & 1 ? -minor : minor;
  }
  return r;
}
PH_FN float determinant(const Matrix<vec4, 4>& m) { return dot(m.column[0], cofactors(m).column[0]); }
PH_FN Matrix<vec4, 4> inverse(const Matrix<vec4, 4>& m) {
  Matrix<vec4, 4> r = cofactors(m);
  return transpose(r) * (1.0f / dot(m.column[0], r.column[0]));
}
}  // namespace glsl
