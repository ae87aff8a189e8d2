/* Two calls of a function by itself. */
#include <stdio.h>

static long fibonacci(int n) {
  if (n < 2)
    return n;
  {
  long ipt_part1, ipt_part2;
  #pragma omp task default(none) firstprivate(n) shared(ipt_part1) if(n > 20)
  ipt_part1 = fibonacci(n - 1);
  ipt_part2 = fibonacci(n - 2);
  #pragma omp taskwait
  return ipt_part1 + ipt_part2;
  }
}

int main(void) {
  #pragma omp parallel default(none)
  #pragma omp single
  printf("%ld\n", fibonacci(24));
  return 0;
}
