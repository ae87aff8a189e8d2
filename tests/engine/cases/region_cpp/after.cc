#include <cmath>
#include <iostream>
using namespace std;
static double a[3000], b[3000];
int main() {
  double delta = 0;
  int it = 0;
  #pragma omp parallel default(none) shared(a, delta, b, it, std::cout)
  {
  #pragma omp for nowait
  for (int i = 0; i < 3000; i++)
    a[i] = i % 7;
  do {
    #pragma omp barrier
    #pragma omp single nowait
    delta = 0;
    #pragma omp for
    for (int i = 1; i < 2999; i++)
      b[i] = 0.5 * (a[i - 1] + a[i + 1]);
    #pragma omp for reduction(+: delta)
    for (int i = 1; i < 2999; i++) {
      delta += fabs(b[i] - a[i]);
      a[i] = b[i];
    }
    #pragma omp master
    {
    it++;
    if (it % 50 == 0) cout << "at " << it << "\n";
    std::cout.flush();
    }
    #pragma omp barrier
  } while (delta > 30 && it < 300);
  }
  cout << it << "\n";
  return 0;
}
