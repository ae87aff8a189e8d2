/* Counter and temporary keep the values of the last iteration. */
#include <stdio.h>

int main(void) {
  static int square[3000];
  int i, last, before;
  for (i = 0; i < 3000; i += 7) {
    before = i - 1;
    last = before * before;
    square[i] = last;
  }
  printf("%d %d %d\n", i, last, square[7]);
  return 0;
}
