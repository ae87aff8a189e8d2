#include <stdio.h>
#include <unistd.h>

int main(void) {
  for (int i = 1; i <= 600; i++) {
    printf("tick %d\n", i);
    fflush(stdout);
    usleep(100000);
  }
  return 0;
}
