// Textures in software: RGBA, 8 bits, with mip levels one after the other. OpenGL 4.6, chapter 8.14.
#pragma once
#include "functions.cuh"

struct Texture {
  const unsigned char* pixels;  // null: nothing bound
  int width, height, levels;
  int mode;  // wrap (0 clamp, 1 repeat, 2 mirror) + 4 * filter (0 nearest, 1 linear, 2 mipmap)
};

namespace glsl {
// Where a coordinate falls in [0, 1] of the picture. NaN becomes 0, and no index is far out.
PH_FN float folded(float a, int wrap) {
  if (wrap == 1) a = a - floorf(a);
  if (wrap == 2) { a = fabsf(a - 2.0f * floorf(0.5f * a + 0.5f)); }
  return fminf(fmaxf(a, 0.0f), 1.0f);
}
// A texel that is at most one beyond the picture; a mirrored picture repeats its border.
PH_FN int neighbour(int i, int size, int wrap) {
  if (i < 0) return wrap == 1 ? size - 1 : 0;
  if (i >= size) return wrap == 1 ? 0 : size - 1;
  return i;
}
PH_FN int texture_levels(const Texture& t) { return (t.mode >> 2) == 2 ? t.levels : 1; }
// A byte's value: as the last bits of 2^23 it needs no conversion, which would run at an eighth of the rate.
PH_FN float byte_value(uint byte) { return as_float(0x4b000000u | byte) - 8388608.0f; }
PH_FN vec4 texel(const unsigned char* level, int width, int x, int y) {
  uint p = ((const uint*)level)[y * width + x];
  return vec4{byte_value(p & 255u), byte_value(p >> 8 & 255u), byte_value(p >> 16 & 255u), byte_value(p >> 24)} * (1.0f / 255.0f);
}
PH_FN ivec2 texture_size(const Texture& t, int lod) {
  if (!t.pixels) return {1, 1};
  int w = t.width >> lod, h = t.height >> lod;
  return {w < 1 ? 1 : w, h < 1 ? 1 : h};
}
PH_FN const unsigned char* texture_level(const Texture& t, int lod) {
  const unsigned char* level = t.pixels;
  for (int i = 0; i < lod; i++) { ivec2 s = texture_size(t, i); level += 4ll * s.x * s.y; }
  return level;
}
// What a has beyond the whole number below it.
PH_FN float beyond_floor(float a, int& whole) {
  float rest = a - nearest(a, whole);
  if (rest < 0.0f) { rest += 1.0f; whole -= 1; }
  return rest;
}
PH_FN vec4 sample_level(const Texture& t, vec2 at, int lod, ivec2 offset) {
  ivec2 size = texture_size(t, lod);
  const unsigned char* level = texture_level(t, lod);
  int wrap = t.mode & 3;
  if (offset.x | offset.y) at = at + vec2{(float)offset.x / (float)size.x, (float)offset.y / (float)size.y};
  float u = folded(at.x, wrap) * (float)size.x, v = folded(at.y, wrap) * (float)size.y;
  if ((t.mode >> 2) == 0) return texel(level, size.x, neighbour((int)u, size.x, wrap), neighbour((int)v, size.y, wrap));
  int x, y;
  float a = beyond_floor(u - 0.5f, x), b = beyond_floor(v - 0.5f, y);
  int x0 = neighbour(x, size.x, wrap), x1 = neighbour(x + 1, size.x, wrap);
  int y0 = neighbour(y, size.y, wrap), y1 = neighbour(y + 1, size.y, wrap);
  vec4 low = texel(level, size.x, x0, y0), high = texel(level, size.x, x0, y1);
  low = low + (texel(level, size.x, x1, y0) - low) * a;
  high = high + (texel(level, size.x, x1, y1) - high) * a;
  return low + (high - low) * b;
}
PH_CALL vec4 sample_lod(const Texture& t, vec2 at, float lod, ivec2 offset) {
  if (!t.pixels) return {0.0f, 0.0f, 0.0f, 1.0f};
  float top = (float)(texture_levels(t) - 1);
  lod = fminf(fmaxf(lod, 0.0f), top);
  int lower = (int)lod;
  float between = lod - (float)lower;
  vec4 fine = sample_level(t, at, lower, offset);
  if (between == 0.0f) return fine;
  return fine * (1.0f - between) + sample_level(t, at, lower + 1, offset) * between;
}
PH_FN float lod_of(const Texture& t, vec2 dx, vec2 dy) {
  vec2 size = {(float)t.width, (float)t.height};
  dx = dx * size; dy = dy * size;
  return 0.5f * log2f(fmaxf(dot(dx, dx), dot(dy, dy)));
}
PH_FN vec4 sample_grad(const Texture& t, vec2 at, vec2 dx, vec2 dy, ivec2 offset) { return sample_lod(t, at, lod_of(t, dx, dy), offset); }
PH_FN vec4 fetch(const Texture& t, ivec2 at, int lod) {
  if (!t.pixels || lod < 0 || lod >= t.levels) return {0.0f, 0.0f, 0.0f, t.pixels ? 0.0f : 1.0f};
  ivec2 size = texture_size(t, lod);
  if (at.x < 0 || at.y < 0 || at.x >= size.x || at.y >= size.y) return {0.0f, 0.0f, 0.0f, 0.0f};
  return texel(texture_level(t, lod), size.x, at.x, at.y);
}
PH_CALL vec4 gather(const Texture& t, vec2 at, int which) {
  if (!t.pixels) return {0.0f, 0.0f, 0.0f, 0.0f};
  int wrap = t.mode & 3;
  int x = (int)floorf(folded(at.x, wrap) * (float)t.width - 0.5f), y = (int)floorf(folded(at.y, wrap) * (float)t.height - 0.5f);
  int x0 = neighbour(x, t.width, wrap), x1 = neighbour(x + 1, t.width, wrap), y0 = neighbour(y, t.height, wrap), y1 = neighbour(y + 1, t.height, wrap);
  return {component(texel(t.pixels, t.width, x0, y1), which), component(texel(t.pixels, t.width, x1, y1), which),
          component(texel(t.pixels, t.width, x1, y0), which), component(texel(t.pixels, t.width, x0, y0), which)};
}
// A cube map's faces stand one after the other, +x -x +y -y +z -z (OpenGL 4.6, table 8.19); a volume's
// layers too, and it has as many as texels across. Neither has mip levels here.
PH_CALL vec4 sample_cube(const Texture& t, vec3 d) {
  if (!t.pixels) return {0.0f, 0.0f, 0.0f, 1.0f};
  float x = fabsf(d.x), y = fabsf(d.y), z = fabsf(d.z), major;
  int face;
  vec2 at;
  if (x >= y && x >= z) { face = d.x < 0.0f; major = x; at = {d.x < 0.0f ? d.z : -d.z, -d.y}; }
  else if (y >= z) { face = 2 + (d.y < 0.0f); major = y; at = {d.x, d.y < 0.0f ? -d.z : d.z}; }
  else { face = 4 + (d.z < 0.0f); major = z; at = {d.z < 0.0f ? -d.x : d.x, -d.y}; }
  Texture side = {t.pixels + 4ll * face * t.width * t.height, t.width, t.height, 1, (t.mode >> 2) ? 4 : 0};
  return sample_level(side, (at / vec2{major, major} + vec2{1.0f, 1.0f}) * 0.5f, 0, {0, 0});
}
PH_CALL vec4 sample_volume(const Texture& t, vec3 at) {
  if (!t.pixels) return {0.0f, 0.0f, 0.0f, 1.0f};
  int depth = t.width, wrap = t.mode & 3;
  bool nearest = (t.mode >> 2) == 0;
  float w = folded(at.z, wrap) * (float)depth - (nearest ? 0.0f : 0.5f), low = floorf(w);
  Texture layer = {t.pixels, t.width, t.height, 1, t.mode & 3 | (nearest ? 0 : 4)};
  long long size = 4ll * t.width * t.height;
  layer.pixels = t.pixels + size * neighbour((int)low, depth, wrap);
  vec4 below = sample_level(layer, {at.x, at.y}, 0, {0, 0});
  if (nearest) return below;
  layer.pixels = t.pixels + size * neighbour((int)low + 1, depth, wrap);
  return below * (1.0f - (w - low)) + sample_level(layer, {at.x, at.y}, 0, {0, 0}) * (w - low);
}
PH_FN vec4 fetch(const Texture& t, ivec3 at, int lod) {
  if (!t.pixels || lod != 0 || at.x < 0 || at.y < 0 || at.z < 0 || at.x >= t.width || at.y >= t.height || at.z >= t.width)
    return {0.0f, 0.0f, 0.0f, t.pixels ? 0.0f : 1.0f};
  return texel(t.pixels + 4ll * at.z * t.width * t.height, t.width, at.x, at.y);
}
PH_FN ivec3 volume_size(const Texture& t, int lod) { ivec2 s = texture_size(t, lod); return {s.x, s.y, s.x}; }
PH_FN vec2 project(vec3 a) { return {a.x / a.z, a.y / a.z}; }
PH_FN vec2 project(vec4 a) { return {a.x / a.w, a.y / a.w}; }

// Derivatives: the difference to the neighbour in the quad, once per output pixel. A neighbour that is
// not at the same instruction (it took another branch, or is done) counts as equal: no difference.
#define PH_DERIVATIVE(NAME, BIT) \
  PH_FN float NAME(const Quad& quad, float a) { float b = quad.exchange(a, BIT); return quad.has(BIT) ? a - b : b - a; } \
  PH_FN vec2 NAME(const Quad& q, vec2 a) { return {NAME(q, a.x), NAME(q, a.y)}; } \
  PH_FN vec3 NAME(const Quad& q, vec3 a) { return {NAME(q, a.x), NAME(q, a.y), NAME(q, a.z)}; } \
  PH_FN vec4 NAME(const Quad& q, vec4 a) { return {NAME(q, a.x), NAME(q, a.y), NAME(q, a.z), NAME(q, a.w)}; }
PH_DERIVATIVE(derivative_x, 1) PH_DERIVATIVE(derivative_y, 2)
template <class T> PH_FN T fwidth(const Quad& q, T a) { return abs(derivative_x(q, a)) + abs(derivative_y(q, a)); }
PH_FN float implicit_lod(const Quad& quad, const Texture& t, vec2 at) { return lod_of(t, derivative_x(quad, at), derivative_y(quad, at)); }
PH_FN vec4 sample_implicit(const Quad& quad, const Texture& t, vec2 at, float bias, ivec2 offset) {
  if ((t.mode >> 2) != 2) return sample_lod(t, at, 0.0f, offset);
  return sample_lod(t, at, implicit_lod(quad, t, at) + bias, offset);
}
PH_FN vec2 query_lod(const Quad& quad, const Texture& t, vec2 at) {
  float lod = implicit_lod(quad, t, at);
  return {fminf(fmaxf(lod, 0.0f), (float)(texture_levels(t) - 1)), lod};
}
}  // namespace glsl
