/* The longest path, and where it begins: kept together by one thread at a time. */
#include <stdio.h>
#define N 4000

static int length_from(int start) {
  long n = start;
  int length = 0;
  while (n != 1) {
    n = n % 2 ? 3 * n + 1 : n / 2;
    length++;
  }
  return length;
}

int main(void) {
  int longest = 0, kinds = 0;
  int seen[400] = {0};

  #pragma omp parallel for default(none) shared(seen, kinds) \
      reduction(max: longest) schedule(dynamic,16)
  for (int i = 1; i < N; i++) {
    int length = length_from(i);
    #pragma omp critical
    if (!seen[length]) {
      seen[length] = 1;
      kinds++;
    }
    longest = length > longest ? length : longest;
  }
  printf("longest %d, lengths %d\n", longest, kinds);
  return 0;
}
