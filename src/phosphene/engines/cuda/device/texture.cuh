// Textures: RGBA, 8 bits, mip levels one after the other (OpenGL 4.6, chapter 8.14). Here: single texels, read from
// memory on GPU and host alike; filters are in sampling.cuh (a GPU's units) and sampling.hpp (software, the host's).
#pragma once
#include "functions.cuh"

struct Texture {
  const unsigned char* pixels;  // null: nothing bound
  int width, height, levels;
  int mode;  // wrap (0 clamp, 1 repeat, 2 mirror) + 4 * filter (0 nearest, 1 linear, 2 mipmap)
  unsigned long long object;  // CUtexObject over the same texels; 0 on the host
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
// A volume has as many layers as texels across, and no mip levels here.
PH_FN vec4 fetch(const Texture& t, ivec3 at, int lod) {
  if (!t.pixels || lod != 0 || at.x < 0 || at.y < 0 || at.z < 0 || at.x >= t.width || at.y >= t.height || at.z >= t.width)
    return {0.0f, 0.0f, 0.0f, t.pixels ? 0.0f : 1.0f};
  return texel(t.pixels + 4ll * at.z * t.width * t.height, t.width, at.x, at.y);
}
PH_FN ivec3 volume_size(const Texture& t, int lod) { ivec2 s = texture_size(t, lod); return {s.x, s.y, s.x}; }
PH_FN vec2 moved(const Texture& t, vec2 at, ivec2 by) { return at + vec2{(float)by.x / (float)t.width, (float)by.y / (float)t.height}; }
PH_FN vec3 moved(const Texture& t, vec3 at, ivec3 by) {
  ivec3 size = volume_size(t, 0);
  return at + vec3{(float)by.x / (float)size.x, (float)by.y / (float)size.y, (float)by.z / (float)size.z};
}
PH_FN vec2 project(vec3 a) { return {a.x / a.z, a.y / a.z}; }
PH_FN vec2 project(vec4 a) { return {a.x / a.w, a.y / a.w}; }
PH_FN vec3 project_volume(vec4 a) { return {a.x / a.w, a.y / a.w, a.z / a.w}; }
}  // namespace glsl
