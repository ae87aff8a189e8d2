#include <stdio.h>

#define TERMS 200000000

int main(void) {
  double sum = 0;
  for (long i = 1; i <= TERMS; i++) {
    sum += 1.0 / ((double)i * i);
  }
  printf("zeta(2) is %.9f\n", sum);
  return 0;
}
