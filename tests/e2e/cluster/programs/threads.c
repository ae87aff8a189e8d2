#include <omp.h>
#include <stdio.h>

int main(void) {
  long sum = 0;
#pragma omp parallel for reduction(+ : sum)
  for (long i = 1; i <= 1000; i++) {
    sum += i;
  }
  printf("sum %ld, by up to %d threads\n", sum, omp_get_max_threads());
  return 0;
}
