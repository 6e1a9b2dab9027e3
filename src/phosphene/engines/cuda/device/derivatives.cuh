// Derivatives, and textures whose level of detail follows from them.
#pragma once
#include "texture.cuh"

namespace glsl {
PH_FN float lod_of(const Texture& t, vec2 dx, vec2 dy) {
  vec2 size = {(float)t.width, (float)t.height};
  dx = dx * size; dy = dy * size;
  return 0.5f * log2f(fmaxf(dot(dx, dx), dot(dy, dy)));
}
PH_FN vec4 sample_grad(const Texture& t, vec2 at, vec2 dx, vec2 dy, ivec2 offset) { return sample_lod(t, at, lod_of(t, dx, dy), offset); }
// Derivatives: the difference to the neighbour in the quad, once per output pixel. A neighbour that is
// not at the same instruction (it took another branch, or is done) counts as equal: no difference.
#define PH_DERIVATIVE(NAME, BIT) \
  PH_FN float NAME(const Quad& quad, float a) { float b = quad.exchange(a, BIT); return quad.has(BIT) ? a - b : b - a; } \
  PH_FN vec2 NAME(const Quad& q, vec2 a) { return {NAME(q, a.x), NAME(q, a.y)}; } \
  PH_FN vec3 NAME(const Quad& q, vec3 a) { return {NAME(q, a.x), NAME(q, a.y), NAME(q, a.z)}; } \
  PH_FN vec4 NAME(const Quad& q, vec4 a) { return {NAME(q, a.x), NAME(q, a.y), NAME(q, a.z), NAME(q, a.w)}; }
PH_DERIVATIVE(derivative_x, 1) PH_DERIVATIVE(derivative_y, 2)
template <class T> PH_FN T fwidth(const Quad& q, T a) { return abs(derivative_x(q, a)) + abs(derivative_y(q, a)); }
// A level of detail takes a derivative's square alone, so its sign does not matter.
PH_FN vec2 difference(const Quad& quad, vec2 a, int bit) { return {a.x - quad.exchange(a.x, bit), a.y - quad.exchange(a.y, bit)}; }
PH_FN float implicit_lod(const Quad& quad, const Texture& t, vec2 at) { return lod_of(t, difference(quad, at, 1), difference(quad, at, 2)); }
PH_FN vec4 sample_implicit(const Quad& quad, const Texture& t, vec2 at, float bias, ivec2 offset) {
  if ((t.mode >> 2) != 2) return sample_lod(t, at, 0.0f, offset);
  return sample_lod(t, at, implicit_lod(quad, t, at) + bias, offset);
}
PH_FN vec2 query_lod(const Quad& quad, const Texture& t, vec2 at) {
  float lod = implicit_lod(quad, t, at);
  return {fminf(fmaxf(lod, 0.0f), (float)(texture_levels(t) - 1)), lod};
}
}  // namespace glsl
