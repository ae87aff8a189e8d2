// Smoothing and statistics of a signal in std::vector.
//
// Usage: vectors [points] [passes]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

static std::vector<double> smooth(const std::vector<double>& signal)
{
    std::vector<double> result(signal.size());
    int n = static_cast<int>(signal.size());
    result[0] = signal[0];
    result[n - 1] = signal[n - 1];
    for (int i = 1; i < n - 1; i++)
        result[i] = 0.25 * signal[i - 1] + 0.5 * signal[i] + 0.25 * signal[i + 1];
    return result;
}

int main(int argc, char** argv)
{
    int n = argc > 1 ? std::atoi(argv[1]) : 20000;
    int passes = argc > 2 ? std::atoi(argv[2]) : 10;
    if (n < 3)
        return 1;
    std::vector<double> signal(n);
    std::vector<int> above;
    double mean = 0.0, largest = -1e300;

    for (int i = 0; i < n; i++)
        signal[i] = std::sin(0.01 * i) + 0.2 * std::sin(1.7 * i);
    for (int pass = 0; pass < passes; pass++)
        signal = smooth(signal);

    for (std::size_t i = 0; i < signal.size(); i++)
        mean += signal[i];
    mean /= n;
    for (int i = 0; i < n; i++)
        largest = std::max(largest, signal[i]);
    for (int i = 0; i < n; i++)
        if (signal[i] > 0.9)
            above.push_back(i);
    for (double& value : signal)
        value -= mean;

    std::vector<std::vector<double>> table(8, std::vector<double>(n / 8));
    for (int row = 0; row < 8; row++)
        for (int k = 0; k < n / 8; k++)
            table[row][k] = signal[row * (n / 8) + k] * 2.0;

    std::printf("mean %.8f largest %.8f above %zu last %.8f\n", mean, largest,
                above.size(), table[7][n / 8 - 1]);
    return 0;
}
