/* A merge sort: its two halves do not overlap. */
#include <stdio.h>
#define N 20000

static int value[N], other[N];

static void merge_sort(int *a, int *t, int low, int high) {
  if (high - low < 2)
    return;
  int middle = low + (high - low) / 2;
  merge_sort(a, t, low, middle);
  merge_sort(a, t, middle, high);
  int i = low, j = middle;
  for (int k = low; k < high; k++)
    if (j >= high || (i < middle && a[i] <= a[j]))
      t[k] = a[i++];
    else
      t[k] = a[j++];
  for (int k = low; k < high; k++)
    a[k] = t[k];
}

int main(void) {
  for (int i = 0; i < N; i++)
    value[i] = (int)(i * 7919u % 20011);
  merge_sort(value, other, 0, N);
  int wrong = 0;
  for (int i = 1; i < N; i++)
    wrong += value[i - 1] > value[i];
  printf("%d %d %d\n", value[0], value[N - 1], wrong);
  return 0;
}
