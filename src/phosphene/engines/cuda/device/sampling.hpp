// Filtered textures in software, for the host: OpenGL 4.6, chapter 8.14.
#pragma once
#include "texture.cuh"

namespace glsl {
// What a has beyond the whole number below it.
PH_FN float beyond_floor(float a, int& whole) {
  float rest = a - nearest(a, whole);
  if (rest < 0.0f) { rest += 1.0f; whole -= 1; }
  return rest;
}
// The texel in which a coordinate falls, counted in texels. Mirrored, as the specification has it, texels are counted
// first: a coordinate on the line between two of them belongs to the same one as in the picture's reflection.
PH_FN int nearest_texel(float a, int size, int wrap) {
  float i = floorf(a), n = (float)size;
  if (wrap == 1) i = i - n * floorf(i / n);
  if (wrap == 2) { i = i - 2.0f * n * floorf(i / (2.0f * n)); if (i >= n) i = 2.0f * n - 1.0f - i; }
  return (int)fminf(fmaxf(i, 0.0f), n - 1.0f);
}
PH_FN vec4 sample_level(const Texture& t, vec2 at, int lod, ivec2 offset) {
  ivec2 size = texture_size(t, lod);
  const unsigned char* level = texture_level(t, lod);
  int wrap = t.mode & 3;
  if (offset.x | offset.y) at = at + vec2{(float)offset.x / (float)size.x, (float)offset.y / (float)size.y};
  if ((t.mode >> 2) == 0)
    return texel(level, size.x, nearest_texel(at.x * (float)size.x, size.x, wrap), nearest_texel(at.y * (float)size.y, size.y, wrap));
  float u = folded(at.x, wrap) * (float)size.x, v = folded(at.y, wrap) * (float)size.y;
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
}  // namespace glsl
