#include <cmath>
#include <iostream>
using namespace std;
static double a[3000], b[3000];
int main() {
  double delta = 0;
  int it = 0;
  for (int i = 0; i < 3000; i++)
    a[i] = i % 7;
  do {
    delta = 0;
    for (int i = 1; i < 2999; i++)
      b[i] = 0.5 * (a[i - 1] + a[i + 1]);
    for (int i = 1; i < 2999; i++) {
      delta += fabs(b[i] - a[i]);
      a[i] = b[i];
    }
    it++;
    if (it % 50 == 0) cout << "at " << it << "\n";
    std::cout.flush();
  } while (delta > 30 && it < 300);
  cout << it << "\n";
  return 0;
}
