/* A triangular loop, shared out by hand. */
#include <stdio.h>

static long steps[2000];

int main(void) {
  for (int i = 0; i < 2000; i++) {
    long n = i + 1, count = 0;
    while (n != 1) {
      n = n % 2 ? 3 * n + 1 : n / 2;
      count++;
    }
    steps[i] = count;
  }
  printf("%ld %ld\n", steps[26], steps[1999]);
  return 0;
}
