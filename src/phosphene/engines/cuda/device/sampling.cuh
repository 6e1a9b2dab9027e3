// Filtered textures by the GPU's own units (PTX ISA, "tex"). As in graphics drivers, a filter's weights have eight bits.
// Any coordinate may be asked for; where nothing is bound the answer is opaque black, as in OpenGL.
#pragma once
#include "texture.cuh"

#define PH_TEX(SHAPE, COORDINATES, ...) \
  if (!t.object) return {0.0f, 0.0f, 0.0f, 1.0f}; \
  vec4 r; \
  asm("tex.level." SHAPE ".v4.f32.f32 {%0, %1, %2, %3}, [%4, " COORDINATES ";" \
      : "=f"(r.x), "=f"(r.y), "=f"(r.z), "=f"(r.w) : "l"(t.object), __VA_ARGS__); \
  return r;

namespace glsl {
PH_FN vec4 sample_flat(const Texture& t, vec2 at, float lod) { PH_TEX("2d", "{%5, %6}], %7", "f"(at.x), "f"(at.y), "f"(lod)) }
PH_FN vec4 sample_lod(const Texture& t, vec2 at, float lod, ivec2 offset) {
  if (offset.x | offset.y) {
    ivec2 size = texture_size(t, (int)fminf(fmaxf(lod, 0.0f), (float)(texture_levels(t) - 1)));
    at = at + vec2{(float)offset.x / (float)size.x, (float)offset.y / (float)size.y};
  }
  return sample_flat(t, at, lod);
}
PH_FN vec4 sample_cube(const Texture& t, vec3 d) { PH_TEX("cube", "{%5, %6, %7, %7}], %8", "f"(d.x), "f"(d.y), "f"(d.z), "f"(0.0f)) }
PH_FN vec4 sample_volume(const Texture& t, vec3 at) { PH_TEX("3d", "{%5, %6, %7, %7}], %8", "f"(at.x), "f"(at.y), "f"(at.z), "f"(0.0f)) }
}  // namespace glsl
