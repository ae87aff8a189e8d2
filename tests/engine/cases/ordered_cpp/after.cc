// Lines of a C++ stream, in the order of the serial program.
#include <cmath>
#include <iostream>

int main() {
  #pragma omp parallel for default(none) shared(std::cout) schedule(static,1) \
      ordered
  for (int i = 0; i < 200; i++) {
    double sum = 0;
    for (int k = 1; k < 100; k++)
      sum += std::sin(0.1 * i * k) / k;
    #pragma omp ordered
    std::cout << i << " " << sum << "\n";
  }
  return 0;
}
