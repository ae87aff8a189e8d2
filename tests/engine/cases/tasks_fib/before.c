/* A function that calls itself twice. */
#include <stdio.h>

static long paths(int n) {
  if (n < 2)
    return 1;
  return paths(n - 1) + paths(n - 2);
}

int main(void) {
  long all = paths(26);
  printf("%ld\n", all);
  return 0;
}
