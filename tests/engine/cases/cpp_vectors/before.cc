// Vectors, references, range-for and a template; output by std::cout.
#include <array>
#include <cstddef>
#include <iomanip>
#include <iostream>
#include <utility>
#include <vector>

template <class T>
T middle(const T &left, const T &right) {
    return (left + right) / 2;
}

static void smooth(std::vector<double> &next, const std::vector<double> &now) {
    for (std::size_t i = 1; i < now.size() - 1; ++i)
        next[i] = middle(now[i - 1], now[i + 1]);
}

static double heat(const std::vector<double> &rod) {
    double sum = 0.0;
    for (double x : rod)
        sum += x;
    return sum;
}

int main() {
    const int size = 4000;
    std::vector<double> now(size, 1.0), next(size, 1.0);
    std::vector<std::vector<int>> table(60, std::vector<int>(size));
    std::array<int, 60> totals{};

    now[size / 2] = next[size / 2] = 50.0;
    for (int step = 0; step < 10; ++step) {
        smooth(next, now);
        std::swap(next, now);
    }
    for (int i = 0; i < 60; ++i) {
        auto &row = table[i];
        for (int j = 0; j < size; ++j)
            row[j] = i * j % 7;
    }
    for (int i = 0; i < 60; ++i) {
        int &total = totals[i];
        for (int x : table[i])
            total += x;
    }
    for (double &x : now)
        x *= 2.0;
    std::vector<int> found;
    for (int i = 0; i < 60; ++i) {
        if (totals[i] > 11990)
            found.push_back(i);
    }
    std::cout << std::setprecision(9) << heat(now) << ' ' << found.size() << '\n';
    for (int i = 0; i < 60; ++i)
        std::cout << totals[i] << '\n';
}
