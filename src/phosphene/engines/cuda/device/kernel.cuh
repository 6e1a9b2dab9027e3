// One launch draws some views of one program: a thread a pixel, blockIdx.y a view. The four threads of a
// quad are neighbours in their warp (lane bit 0: x, bit 1: y up), so that derivatives are shuffles.
#pragma once
#include "texture.cuh"

struct View {
  Frame frame;
  Texture channel[4];
  long long slot;  // which picture of the output is drawn
};

PH_FN unsigned char to_byte(float a) { return (unsigned char)(fminf(fmaxf(a, 0.0f), 1.0f) * 255.0f + 0.5f); }

PH_FN void write_pixel(unsigned char* out, long long slot, int width, int height, int x, int up, vec3 colour) {
  long long plane = (long long)width * height;
  unsigned char* p = out + 3 * slot * plane + (long long)(height - 1 - up) * width + x;
  p[0] = to_byte(colour.x);
  p[plane] = to_byte(colour.y);
  p[2 * plane] = to_byte(colour.z);
}

// Averages samples * samples shaded points of the pixel, each rounded to nothing but its own range.
PH_FN vec3 shade(const View& view, Quad quad, int x, int up, int samples) {
  vec3 sum = {0.0f, 0.0f, 0.0f};
  for (int i = 0; i < samples * samples; i++) {
    float step = 1.0f / (float)samples;
    float dx = ((float)(i % samples) + 0.5f) * step, dy = ((float)(i / samples) + 0.5f) * step;
    glsl::Program program = {view.frame, view.channel, quad, {(float)x + dx, (float)up + dy, 0.5f, 1.0f}, {}, false};
    program.run();
    if (!program.killed)
      sum = sum + vec3{fminf(fmaxf(program.colour.x, 0.0f), 1.0f), fminf(fmaxf(program.colour.y, 0.0f), 1.0f), fminf(fmaxf(program.colour.z, 0.0f), 1.0f)};
  }
  return sum * (1.0f / (float)(samples * samples));
}

#ifdef __CUDACC__
extern "C" __global__ void __launch_bounds__(256)
ph_render(const View* __restrict__ views, unsigned char* __restrict__ out, int first, int width, int height, int samples) {
  const View& view = views[first + blockIdx.y];
  // 16 x 16 pixels a block, 16 x 2 a warp: neighbours in x write neighbouring bytes.
  int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, across = (width + 15) / 16;
  int x = (blockIdx.x % across) * 16 + ((lane >> 2) << 1) + (lane & 1);
  int up = (blockIdx.x / across) * 16 + warp * 2 + ((lane >> 1) & 1);
  vec3 colour = shade(view, Quad{lane}, x, up, samples);  // outside pixels, too: they are neighbours
  if (x < width && up < height) write_pixel(out, view.slot, width, height, x, up, colour);
}
#endif
