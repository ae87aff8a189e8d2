/* Each iteration prints a line: any order is right of the first ones, not of the others. */
#include <stdio.h>

int main(void) {
  for (int row = 0; row < 40; row++) {
    double sum = 0.0;
    for (int k = 1; k < 400; k++)
      sum += 1.0 / (row + k);
    printf("%2d %.9f\n", row, sum);
  }
  for (int row = 0; row < 4; row++) {
    double product = 1.0;
    for (int k = 1; k < 400; k++)
      product *= 1.0 + 1.0 / (row + k * k);
    printf("%2d %.9f\n", row, product);
  }
  return 0;
}
