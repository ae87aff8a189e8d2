// C++ that stays near C: references, plain structs, namespaces, overloads.
#include <algorithm>
#include <cmath>
#include <cstdio>

namespace geometry {
struct Point {
    double x, y;
};

inline double length(const Point &p) { return std::sqrt(p.x * p.x + p.y * p.y); }
}  // namespace geometry

static void scale(double &value, double factor) { value *= factor; }

static void scale(geometry::Point *points, int count, double factor) {
    for (int i = 0; i < count; ++i) {
        scale(points[i].x, factor);
        scale(points[i].y, factor);
    }
}

int main() {
    const int count = 3000;
    static geometry::Point points[count];
    for (int i = 0; i < count; ++i) {
        geometry::Point p;
        p.x = 0.5 * i;
        p.y = 3.0 - i;
        points[i].x = p.x;
        points[i].y = p.y;
    }
    scale(points, count, 0.25);
    double longest = 0.0;
    for (int i = 0; i < count; ++i)
        longest = std::max(longest, geometry::length(points[i]));
    std::printf("%.9f\n", longest);
}
