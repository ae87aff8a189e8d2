#include <stdio.h>

int main(void) {
  int unused;
  printf("the answer is %d\n", answer);
  return 0;
}
