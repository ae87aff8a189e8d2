/* A checksum needs the iterations in order; the work before it does not. */
#include <stdio.h>
#define N 400

static unsigned digest(unsigned i) {
  unsigned found = i;
  for (int k = 0; k < 100; k++)
    found = found * 1664525u + 1013904223u;
  return found;
}

int main(void) {
  unsigned total = 1;
  #pragma omp parallel for default(none) shared(total) schedule(static,1) \
      ordered
  for (unsigned i = 0; i < N; i++) {
    unsigned mine = digest(i);
    #pragma omp ordered
    total = total * 31 + mine;
  }
  printf("%u\n", total);
  return 0;
}
