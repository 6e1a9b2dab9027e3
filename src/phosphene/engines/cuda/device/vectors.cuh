// Vectors, matrices and arrays, and the arithmetic of SPIR-V on them. Compiles as CUDA C++ (NVRTC, no
// headers) and as C++17 for the host. Whole numbers wrap and never trap, whatever the operands.
#pragma once

#ifdef __CUDACC__
#define PH_FN __device__ __forceinline__
#define PH_CALL __device__ __noinline__  // large: written once, called
#define PH_TABLE __device__ const
#else
#include <cmath>
#include <cstring>
#define PH_FN inline __attribute__((always_inline))
#define PH_CALL inline
#define PH_TABLE static const
#endif

typedef unsigned int uint;

template <class T, int N> struct Vector;
template <class T> struct Vector<T, 2> { T x, y; };
template <class T> struct Vector<T, 3> { T x, y, z; };
template <class T> struct Vector<T, 4> { T x, y, z, w; };
typedef Vector<float, 2> vec2;  typedef Vector<float, 3> vec3;  typedef Vector<float, 4> vec4;
typedef Vector<int, 2> ivec2;   typedef Vector<int, 3> ivec3;   typedef Vector<int, 4> ivec4;
typedef Vector<uint, 2> uvec2;  typedef Vector<uint, 3> uvec3;  typedef Vector<uint, 4> uvec4;
typedef Vector<bool, 2> bvec2;  typedef Vector<bool, 3> bvec3;  typedef Vector<bool, 4> bvec4;
template <class V, int N> struct Matrix { V column[N]; };
template <class T, int N> struct Array { T element[N]; };

// Vectors that a program does not have (source.py says which) need no functions: reading these takes the compiler long.
#if PH_WHOLE_VECTORS
#define PH_OF_int(...) __VA_ARGS__
#define PH_OF_uint(...) __VA_ARGS__
#else
#define PH_OF_int(...)
#define PH_OF_uint(...)
#endif
#if PH_BOOL_VECTORS
#define PH_OF_bool(...) __VA_ARGS__
#else
#define PH_OF_bool(...)
#endif
#define PH_OF_float(...) __VA_ARGS__

// A function of scalars, applied to each component.
#define PH_MAP1(NAME, R, T) PH_OF_##R(PH_OF_##T( \
  PH_FN Vector<R, 2> NAME(Vector<T, 2> a) { return {NAME(a.x), NAME(a.y)}; } \
  PH_FN Vector<R, 3> NAME(Vector<T, 3> a) { return {NAME(a.x), NAME(a.y), NAME(a.z)}; } \
  PH_FN Vector<R, 4> NAME(Vector<T, 4> a) { return {NAME(a.x), NAME(a.y), NAME(a.z), NAME(a.w)}; }))
#define PH_MAP2(NAME, R, T) PH_OF_##R(PH_OF_##T( \
  PH_FN Vector<R, 2> NAME(Vector<T, 2> a, Vector<T, 2> b) { return {NAME(a.x, b.x), NAME(a.y, b.y)}; } \
  PH_FN Vector<R, 3> NAME(Vector<T, 3> a, Vector<T, 3> b) { return {NAME(a.x, b.x), NAME(a.y, b.y), NAME(a.z, b.z)}; } \
  PH_FN Vector<R, 4> NAME(Vector<T, 4> a, Vector<T, 4> b) { return {NAME(a.x, b.x), NAME(a.y, b.y), NAME(a.z, b.z), NAME(a.w, b.w)}; }))
#define PH_MAP3(NAME, T) PH_OF_##T( \
  PH_FN Vector<T, 2> NAME(Vector<T, 2> a, Vector<T, 2> b, Vector<T, 2> c) { return {NAME(a.x, b.x, c.x), NAME(a.y, b.y, c.y)}; } \
  PH_FN Vector<T, 3> NAME(Vector<T, 3> a, Vector<T, 3> b, Vector<T, 3> c) { return {NAME(a.x, b.x, c.x), NAME(a.y, b.y, c.y), NAME(a.z, b.z, c.z)}; } \
  PH_FN Vector<T, 4> NAME(Vector<T, 4> a, Vector<T, 4> b, Vector<T, 4> c) { return {NAME(a.x, b.x, c.x), NAME(a.y, b.y, c.y), NAME(a.z, b.z, c.z), NAME(a.w, b.w, c.w)}; })

// Floats: operators.
#define PH_OPERATOR(OP) \
  PH_FN vec2 operator OP(vec2 a, vec2 b) { return {a.x OP b.x, a.y OP b.y}; } \
  PH_FN vec3 operator OP(vec3 a, vec3 b) { return {a.x OP b.x, a.y OP b.y, a.z OP b.z}; } \
  PH_FN vec4 operator OP(vec4 a, vec4 b) { return {a.x OP b.x, a.y OP b.y, a.z OP b.z, a.w OP b.w}; }
PH_OPERATOR(+) PH_OPERATOR(-) PH_OPERATOR(*) PH_OPERATOR(/)
PH_FN vec2 operator*(vec2 a, float s) { return {a.x * s, a.y * s}; }
PH_FN vec3 operator*(vec3 a, float s) { return {a.x * s, a.y * s, a.z * s}; }
PH_FN vec4 operator*(vec4 a, float s) { return {a.x * s, a.y * s, a.z * s, a.w * s}; }
PH_FN vec2 operator-(vec2 a) { return {-a.x, -a.y}; }
PH_FN vec3 operator-(vec3 a) { return {-a.x, -a.y, -a.z}; }
PH_FN vec4 operator-(vec4 a) { return {-a.x, -a.y, -a.z, -a.w}; }
PH_FN float dot(vec2 a, vec2 b) { return a.x * b.x + a.y * b.y; }
PH_FN float dot(vec3 a, vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
PH_FN float dot(vec4 a, vec4 b) { return a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w; }

// Bits of one type read as another.
PH_FN uint as_uint(uint a) { return a; }
PH_FN uint as_uint(int a) { return (uint)a; }
PH_FN int as_int(int a) { return a; }
PH_FN int as_int(uint a) { return (int)a; }
PH_FN float as_float(float a) { return a; }
#ifdef __CUDACC__
PH_FN uint as_uint(float a) { return __float_as_uint(a); }
PH_FN int as_int(float a) { return __float_as_int(a); }
PH_FN float as_float(uint a) { return __uint_as_float(a); }
PH_FN float as_float(int a) { return __int_as_float(a); }
#else
template <class To, class From> PH_FN To same_bits(From a) { To b; std::memcpy(&b, &a, 4); return b; }
PH_FN uint as_uint(float a) { return same_bits<uint>(a); }
PH_FN int as_int(float a) { return same_bits<int>(a); }
PH_FN float as_float(uint a) { return same_bits<float>(a); }
PH_FN float as_float(int a) { return same_bits<float>(a); }
#endif
PH_MAP1(as_uint, uint, uint) PH_MAP1(as_uint, uint, int) PH_MAP1(as_uint, uint, float)
PH_MAP1(as_int, int, uint) PH_MAP1(as_int, int, int) PH_MAP1(as_int, int, float)
PH_MAP1(as_float, float, uint) PH_MAP1(as_float, float, int) PH_MAP1(as_float, float, float)

// Conversions. Out of range: the nearest value; NaN: 0 (what CUDA's cvt does).
PH_FN float to_float(int a) { return (float)a; }
PH_FN float to_float(uint a) { return (float)a; }
#ifdef __CUDACC__
PH_FN int to_int(float a) { return (int)a; }
PH_FN uint to_uint(float a) { return (uint)a; }
#else
PH_FN int to_int(float a) { return a != a ? 0 : a >= 2147483648.0f ? 2147483647 : a <= -2147483648.0f ? -2147483647 - 1 : (int)a; }
PH_FN uint to_uint(float a) { return !(a > 0.0f) ? 0u : a >= 4294967296.0f ? 4294967295u : (uint)a; }
#endif
PH_MAP1(to_float, float, int) PH_MAP1(to_float, float, uint)
PH_MAP1(to_int, int, float) PH_MAP1(to_uint, uint, float)

// Whole numbers.
#define PH_WHOLE2(NAME, EXPRESSION) \
  PH_FN uint NAME(uint a, uint b) { return EXPRESSION; } \
  PH_FN int NAME(int s, int t) { uint a = (uint)s, b = (uint)t; return (int)(EXPRESSION); } \
  PH_MAP2(NAME, uint, uint) PH_MAP2(NAME, int, int)
PH_WHOLE2(iadd, a + b) PH_WHOLE2(isub, a - b) PH_WHOLE2(imul, a * b)
PH_WHOLE2(bit_or, a | b) PH_WHOLE2(bit_xor, a ^ b) PH_WHOLE2(bit_and, a & b)
PH_WHOLE2(shift_left, a << (b & 31u)) PH_WHOLE2(shift_right_logical, a >> (b & 31u))
PH_WHOLE2(udivide, b ? a / b : 0xffffffffu) PH_WHOLE2(umodulo, b ? a % b : a)
PH_FN int shift_right_arithmetic(int a, int b) { return a >> (b & 31); }
PH_FN uint shift_right_arithmetic(uint a, uint b) { return (uint)((int)a >> (b & 31u)); }
PH_MAP2(shift_right_arithmetic, int, int) PH_MAP2(shift_right_arithmetic, uint, uint)
PH_FN int negate(int a) { return (int)(0u - (uint)a); }
PH_FN uint negate(uint a) { return 0u - a; }
PH_FN int bit_not(int a) { return ~a; }
PH_FN uint bit_not(uint a) { return ~a; }
PH_MAP1(negate, int, int) PH_MAP1(negate, uint, uint) PH_MAP1(bit_not, int, int) PH_MAP1(bit_not, uint, uint)
PH_FN int sdivide(int a, int b) { return b == 0 ? -1 : b == -1 ? negate(a) : a / b; }
PH_FN int sremainder(int a, int b) { return b == 0 || b == -1 ? 0 : a % b; }
PH_FN int smodulo(int a, int b) { int r = sremainder(a, b); return r != 0 && ((r < 0) != (b < 0)) ? r + b : r; }
PH_MAP2(sdivide, int, int) PH_MAP2(sremainder, int, int) PH_MAP2(smodulo, int, int)
PH_FN uint carry(uint a, uint b) { return a + b < a ? 1u : 0u; }
PH_FN uint borrow(uint a, uint b) { return a < b ? 1u : 0u; }
PH_FN uint high_unsigned(uint a, uint b) { return (uint)(((unsigned long long)a * b) >> 32); }
PH_FN int high_signed(int a, int b) { return (int)(((long long)a * b) >> 32); }
PH_MAP2(carry, uint, uint) PH_MAP2(borrow, uint, uint) PH_MAP2(high_unsigned, uint, uint) PH_MAP2(high_signed, int, int)

PH_FN uint bit_reverse(uint a) {
  a = (a >> 16) | (a << 16);
  a = ((a >> 8) & 0x00ff00ffu) | ((a & 0x00ff00ffu) << 8);
  a = ((a >> 4) & 0x0f0f0f0fu) | ((a & 0x0f0f0f0fu) << 4);
  a = ((a >> 2) & 0x33333333u) | ((a & 0x33333333u) << 2);
  return ((a >> 1) & 0x55555555u) | ((a & 0x55555555u) << 1);
}
PH_FN uint bit_count(uint a) {
  a -= (a >> 1) & 0x55555555u;
  a = (a & 0x33333333u) + ((a >> 2) & 0x33333333u);
  return (((a + (a >> 4)) & 0x0f0f0f0fu) * 0x01010101u) >> 24;
}
PH_FN int bit_reverse(int a) { return (int)bit_reverse((uint)a); }
PH_FN int bit_count(int a) { return (int)bit_count((uint)a); }
PH_MAP1(bit_reverse, uint, uint) PH_MAP1(bit_reverse, int, int) PH_MAP1(bit_count, uint, uint) PH_MAP1(bit_count, int, int)
PH_FN int find_msb_unsigned(uint a) {
  int n = -1;
  for (int step = 16; step; step >>= 1) if (a >> step) { a >>= step; n += step; }
  return a ? n + 1 : -1;
}
PH_FN int find_msb_signed(int a) { return find_msb_unsigned((uint)(a < 0 ? ~a : a)); }
PH_FN int find_lsb(uint a) { return a ? find_msb_unsigned(a & (0u - a)) : -1; }
PH_FN int find_lsb(int a) { return find_lsb((uint)a); }
PH_MAP1(find_msb_unsigned, int, uint) PH_MAP1(find_msb_signed, int, int) PH_MAP1(find_lsb, int, uint) PH_MAP1(find_lsb, int, int)
PH_FN uint low_bits(uint count) { return count >= 32u ? 0xffffffffu : (1u << count) - 1u; }
PH_FN uint bitfield_insert(uint base, uint insert, uint offset, uint count) {
  uint mask = low_bits(count) << (offset & 31u);
  return (base & ~mask) | ((insert << (offset & 31u)) & mask);
}
PH_FN int bitfield_insert(int base, int insert, int offset, int count) { return (int)bitfield_insert((uint)base, (uint)insert, (uint)offset, (uint)count); }
PH_FN uint bitfield_extract_unsigned(uint base, uint offset, uint count) { return (base >> (offset & 31u)) & low_bits(count); }
PH_FN int bitfield_extract_unsigned(int base, int offset, int count) { return (int)bitfield_extract_unsigned((uint)base, (uint)offset, (uint)count); }
PH_FN int bitfield_extract_signed(int base, int offset, int count) {
  uint bits = bitfield_extract_unsigned((uint)base, (uint)offset, (uint)count);
  return count > 0 && count < 32 && (bits >> (count - 1)) ? (int)(bits | ~low_bits((uint)count)) : (int)bits;
}
PH_FN uint bitfield_extract_signed(uint base, uint offset, uint count) { return (uint)bitfield_extract_signed((int)base, (int)offset, (int)count); }

// Comparisons and logic.
#define PH_COMPARE(NAME, OP) \
  PH_FN bool NAME(float a, float b) { return a OP b; } \
  PH_FN bool NAME(int a, int b) { return a OP b; } \
  PH_FN bool NAME(uint a, uint b) { return a OP b; } \
  PH_MAP2(NAME, bool, float) PH_MAP2(NAME, bool, int) PH_MAP2(NAME, bool, uint)
PH_COMPARE(less, <) PH_COMPARE(greater, >) PH_COMPARE(less_equal, <=) PH_COMPARE(greater_equal, >=)
PH_FN bool equal(bool a, bool b) { return a == b; }
PH_FN bool not_equal(bool a, bool b) { return a != b; }
PH_COMPARE(equal, ==) PH_COMPARE(not_equal, !=) PH_MAP2(equal, bool, bool) PH_MAP2(not_equal, bool, bool)
PH_FN bool ordered_not_equal(float a, float b) { return a < b || a > b; }
PH_MAP2(ordered_not_equal, bool, float)
PH_FN bool logical_and(bool a, bool b) { return a && b; }
PH_FN bool logical_or(bool a, bool b) { return a || b; }
PH_FN bool logical_not(bool a) { return !a; }
PH_MAP2(logical_and, bool, bool) PH_MAP2(logical_or, bool, bool) PH_MAP1(logical_not, bool, bool)
PH_FN bool any(bvec2 a) { return a.x || a.y; }
PH_FN bool any(bvec3 a) { return a.x || a.y || a.z; }
PH_FN bool any(bvec4 a) { return a.x || a.y || a.z || a.w; }
PH_FN bool all(bvec2 a) { return a.x && a.y; }
PH_FN bool all(bvec3 a) { return a.x && a.y && a.z; }
PH_FN bool all(bvec4 a) { return a.x && a.y && a.z && a.w; }
template <class T> PH_FN T select(bool c, T a, T b) { return c ? a : b; }
template <class T> PH_FN Vector<T, 2> select(bvec2 c, Vector<T, 2> a, Vector<T, 2> b) { return {c.x ? a.x : b.x, c.y ? a.y : b.y}; }
template <class T> PH_FN Vector<T, 3> select(bvec3 c, Vector<T, 3> a, Vector<T, 3> b) { return {c.x ? a.x : b.x, c.y ? a.y : b.y, c.z ? a.z : b.z}; }
template <class T> PH_FN Vector<T, 4> select(bvec4 c, Vector<T, 4> a, Vector<T, 4> b) { return {c.x ? a.x : b.x, c.y ? a.y : b.y, c.z ? a.z : b.z, c.w ? a.w : b.w}; }

// A component chosen at run time, by selection: the vector stays in registers.
template <class T, class I> PH_FN T component(const Vector<T, 2>& v, I i) { return i == 0 ? v.x : v.y; }
template <class T, class I> PH_FN T component(const Vector<T, 3>& v, I i) { return i == 0 ? v.x : i == 1 ? v.y : v.z; }
template <class T, class I> PH_FN T component(const Vector<T, 4>& v, I i) { return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w; }
template <class T, class I> PH_FN void set_component(Vector<T, 2>& v, I i, T a) { v.x = i == 0 ? a : v.x; v.y = i == 1 ? a : v.y; }
template <class T, class I> PH_FN void set_component(Vector<T, 3>& v, I i, T a) { v.x = i == 0 ? a : v.x; v.y = i == 1 ? a : v.y; v.z = i == 2 ? a : v.z; }
template <class T, class I> PH_FN void set_component(Vector<T, 4>& v, I i, T a) { v.x = i == 0 ? a : v.x; v.y = i == 1 ? a : v.y; v.z = i == 2 ? a : v.z; v.w = i == 3 ? a : v.w; }

// Matrices, column by column.
template <class V, int N> PH_FN Matrix<V, N> operator*(Matrix<V, N> m, float s) { for (int i = 0; i < N; i++) m.column[i] = m.column[i] * s; return m; }
template <class V> PH_FN V matrix_times_vector(const Matrix<V, 2>& m, vec2 v) { return m.column[0] * v.x + m.column[1] * v.y; }
template <class V> PH_FN V matrix_times_vector(const Matrix<V, 3>& m, vec3 v) { return m.column[0] * v.x + m.column[1] * v.y + m.column[2] * v.z; }
template <class V> PH_FN V matrix_times_vector(const Matrix<V, 4>& m, vec4 v) { return m.column[0] * v.x + m.column[1] * v.y + m.column[2] * v.z + m.column[3] * v.w; }
template <class V> PH_FN vec2 vector_times_matrix(V v, const Matrix<V, 2>& m) { return {dot(v, m.column[0]), dot(v, m.column[1])}; }
template <class V> PH_FN vec3 vector_times_matrix(V v, const Matrix<V, 3>& m) { return {dot(v, m.column[0]), dot(v, m.column[1]), dot(v, m.column[2])}; }
template <class V> PH_FN vec4 vector_times_matrix(V v, const Matrix<V, 4>& m) { return {dot(v, m.column[0]), dot(v, m.column[1]), dot(v, m.column[2]), dot(v, m.column[3])}; }
template <class V, int K, class W, int N> PH_FN Matrix<V, N> matrix_times_matrix(const Matrix<V, K>& a, const Matrix<W, N>& b) {
  Matrix<V, N> r;
  for (int i = 0; i < N; i++) r.column[i] = matrix_times_vector(a, b.column[i]);
  return r;
}
template <class V> PH_FN Matrix<V, 2> outer_product(V a, vec2 b) { return {{a * b.x, a * b.y}}; }
template <class V> PH_FN Matrix<V, 3> outer_product(V a, vec3 b) { return {{a * b.x, a * b.y, a * b.z}}; }
template <class V> PH_FN Matrix<V, 4> outer_product(V a, vec4 b) { return {{a * b.x, a * b.y, a * b.z, a * b.w}}; }
PH_FN Matrix<vec2, 2> transpose(const Matrix<vec2, 2>& m) { return {{{m.column[0].x, m.column[1].x}, {m.column[0].y, m.column[1].y}}}; }
PH_FN Matrix<vec3, 2> transpose(const Matrix<vec2, 3>& m) { return {{{m.column[0].x, m.column[1].x, m.column[2].x}, {m.column[0].y, m.column[1].y, m.column[2].y}}}; }
PH_FN Matrix<vec4, 2> transpose(const Matrix<vec2, 4>& m) { return {{{m.column[0].x, m.column[1].x, m.column[2].x, m.column[3].x}, {m.column[0].y, m.column[1].y, m.column[2].y, m.column[3].y}}}; }
PH_FN Matrix<vec2, 3> transpose(const Matrix<vec3, 2>& m) { return {{{m.column[0].x, m.column[1].x}, {m.column[0].y, m.column[1].y}, {m.column[0].z, m.column[1].z}}}; }
PH_FN Matrix<vec3, 3> transpose(const Matrix<vec3, 3>& m) { return {{{m.column[0].x, m.column[1].x, m.column[2].x}, {m.column[0].y, m.column[1].y, m.column[2].y}, {m.column[0].z, m.column[1].z, m.column[2].z}}}; }
PH_FN Matrix<vec4, 3> transpose(const Matrix<vec3, 4>& m) { return {{{m.column[0].x, m.column[1].x, m.column[2].x, m.column[3].x}, {m.column[0].y, m.column[1].y, m.column[2].y, m.column[3].y}, {m.column[0].z, m.column[1].z, m.column[2].z, m.column[3].z}}}; }
PH_FN Matrix<vec2, 4> transpose(const Matrix<vec4, 2>& m) { return {{{m.column[0].x, m.column[1].x}, {m.column[0].y, m.column[1].y}, {m.column[0].z, m.column[1].z}, {m.column[0].w, m.column[1].w}}}; }
PH_FN Matrix<vec3, 4> transpose(const Matrix<vec4, 3>& m) { return {{{m.column[0].x, m.column[1].x, m.column[2].x}, {m.column[0].y, m.column[1].y, m.column[2].y}, {m.column[0].z, m.column[1].z, m.column[2].z}, {m.column[0].w, m.column[1].w, m.column[2].w}}}; }
PH_FN Matrix<vec4, 4> transpose(const Matrix<vec4, 4>& m) {
  return {{{m.column[0].x, m.column[1].x, m.column[2].x, m.column[3].x}, {m.column[0].y, m.column[1].y, m.column[2].y, m.column[3].y},
           {m.column[0].z, m.column[1].z, m.column[2].z, m.column[3].z}, {m.column[0].w, m.column[1].w, m.column[2].w, m.column[3].w}}};
}
