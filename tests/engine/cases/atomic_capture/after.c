/* A list of what was found, in any order. */
#include <stdio.h>
#define N 3000

static int found[N];

static int divisors(int n) {
  int count = 0;
  for (int d = 1; d <= n; d++)
    if (n % d == 0)
      count++;
  return count;
}

int main(void) {
  int count = 0;
  /* ipt: taken as true, not proved: any order in which iterations come to count is right. */
  #pragma omp parallel for default(none) shared(count, found) \
      schedule(dynamic,16)
  for (int i = 0; i < N; i++) {
    int k;
    if (divisors(i) == 2) {
      #pragma omp atomic capture
      k = count++;
      found[k] = i;
    }
  }
  long sum = 0;
  for (int i = 0; i < count; i++)
    sum += found[i];
  printf("%d %ld\n", count, sum);
  return 0;
}
