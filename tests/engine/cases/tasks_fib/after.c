/* A function that calls itself twice. */
#include <stdio.h>

static long paths(int n) {
  if (n < 2)
    return 1;
  {
  long ipt_part1, ipt_part2;
  #pragma omp task default(none) firstprivate(n) shared(ipt_part1) if(n > 20)
  ipt_part1 = paths(n - 1);
  ipt_part2 = paths(n - 2);
  #pragma omp taskwait
  return ipt_part1 + ipt_part2;
  }
}

int main(void) {
  long all;
  #pragma omp parallel default(none) shared(all)
  #pragma omp single
  all = paths(26);
  printf("%ld\n", all);
  return 0;
}
