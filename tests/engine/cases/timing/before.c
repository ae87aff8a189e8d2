#define _POSIX_C_SOURCE 200809L
#include <stdio.h>

static double a[2000], b[2000];

int main(void) {
  for (int i = 0; i < 2000; i++)
    b[i] = i;
  for (int step = 0; step < 5; step++) {
    for (int i = 1; i < 1999; i++)
      a[i] = b[i - 1] + b[i + 1];
    for (int i = 1; i < 1999; i++)
      b[i] = 0.5 * a[i];
  }
  printf("%.6f\n", b[1000]);
  return 0;
}
