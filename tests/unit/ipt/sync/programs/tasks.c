/* Functions that call themselves twice or more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static long fib(int n) {
  if (n < 2) return n;
  return fib(n - 1) + fib(n - 2);
}
static long trib(int n) {
  if (n < 3)
    return 1;
  long x = trib(n - 1);
  long y = trib(n - 2);
  long z = trib(n - 3);
  return x + y + z;
}
static void merge_sort(int *a, int *t, int lo, int hi) {
  if (hi - lo < 2) return;
  int mid = lo + (hi - lo) / 2;
  merge_sort(a, t, lo, mid);
  merge_sort(a, t, mid, hi);
  int i = lo, j = mid;
  for (int k = lo; k < hi; k++) {
    if (j >= hi || (i < mid && a[i] <= a[j])) { t[k] = a[i]; i++; }
    else { t[k] = a[j]; j++; }
  }
  for (int k = lo; k < hi; k++)
    a[k] = t[k];
}
int main(void) {
  static int a[50000], t[50000];
  for (int i = 0; i < 50000; i++) a[i] = (int)((i * 7919u) % 50021);
  merge_sort(a, t, 0, 50000);
  long f = fib(25);
  printf("%ld %ld %d %d\n", f, trib(18), a[0], a[49999]);
  return 0;
}
