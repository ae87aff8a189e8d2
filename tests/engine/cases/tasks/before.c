/* Two calls of a function by itself. */
#include <stdio.h>

static long fibonacci(int n) {
  if (n < 2)
    return n;
  return fibonacci(n - 1) + fibonacci(n - 2);
}

int main(void) {
  printf("%ld\n", fibonacci(24));
  return 0;
}
