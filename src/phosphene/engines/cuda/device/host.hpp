// The same programs on the host, for tests: no GPU, the emitter's C++ compiled by the host's compiler.
// The four pixels of a quad run as four threads of control that meet at each exchange.
#pragma once
#include "vectors.cuh"
#include <ucontext.h>

#include <vector>

// A result that is rounded here, also where the compiler fuses sums with the products in them.
#if defined(__x86_64__)
#define PH_FLOAT_REGISTER "+x"
#elif defined(__aarch64__)
#define PH_FLOAT_REGISTER "+w"
#else
#define PH_FLOAT_REGISTER "+m"
#endif
PH_FN float rounded(float a) { asm("" : PH_FLOAT_REGISTER(a)); return a; }

// Turns of a loop that are computed ahead: here by every pixel for itself, and it is counted how often it would have met
// the others.
#define PH_TURNS 8
#define PH_SHARED
#define PH_MEET() quad.meeting->meetings[quad.lane]++
#define PH_EACH_TURN(NAME) for (int NAME = 0; NAME < PH_TURNS; NAME++)

struct Lane {
  const void* place;  // the exchange it waits at; null: it is done
  float value;        // what it offers there
};

struct Meeting {
  ucontext_t driver, lane[4];
  Lane arriving[4], met[4];
  long meetings[4];
};

struct Quad {
  Meeting* meeting;
  int lane;
  // The compiler must not know that it answers the same each time: it would branch once and copy the exchanges behind,
  // so that neighbours were no longer at the same place.
  PH_FN bool has(int bit) const {
    int number = lane;
    asm("" : "+r"(number));
    return number & bit;
  }
  // The neighbour's value; our own where the neighbour waits elsewhere or is done.
  __attribute__((noinline)) float exchange(float a, int bit) const {
    const void* place = __builtin_return_address(0);
    meeting->arriving[lane] = {place, a};
    swapcontext(&meeting->lane[lane], &meeting->driver);
    const Lane& neighbour = meeting->met[lane ^ bit];
    return neighbour.place == place ? neighbour.value : a;
  }
};
