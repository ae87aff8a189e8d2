/* A list of what was found, in any order, by one statement. */
#include <stdio.h>
#define N 2000

static int found[N], count;

static int divisors(int n) {
  int count = 0;
  for (int d = 1; d <= n; d++)
    if (n % d == 0)
      count++;
  return count;
}

int main(void) {
  /* ipt: taken as true, not proved: any order in which iterations come to found is right. */
  #pragma omp parallel for default(none) shared(found, count) \
      schedule(dynamic,16)
  for (int i = 0; i < N; i++) {
    int many = divisors(i);
    if (many > 12)
      #pragma omp critical
      found[count++] = i;
  }
  long sum = 0;
  for (int i = 0; i < count; i++)
    sum += found[i];
  printf("%d %ld\n", count, sum);
  return 0;
}
