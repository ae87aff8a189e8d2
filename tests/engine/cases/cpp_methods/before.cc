// Loops in methods, and methods in loops: what they touch is followed.
#include <cstdio>
#include <vector>

class Field {
  public:
    Field(int width, int height)
        : width_(width), height_(height), cells_(width * height) {}

    double &at(int x, int y) { return cells_[y * width_ + x]; }
    double get(int x, int y) const { return cells_[y * width_ + x]; }
    int width() const { return width_; }
    int height() const { return height_; }

    void fill(double value) {
        for (int i = 0; i < width_ * height_; ++i)
            cells_[i] = value;
    }

    void accumulate() {
        for (int i = 1; i < width_ * height_; ++i)
            cells_[i] += cells_[i - 1];
    }

  private:
    int width_, height_;
    std::vector<double> cells_;
};

static void spread(Field &to, const Field &from, int width, int height) {
    for (int y = 1; y < height - 1; ++y)
        for (int x = 1; x < width - 1; ++x)
            to.at(x, y) = from.get(x - 1, y) + from.get(x + 1, y);
}

int main() {
    Field a(300, 200), b(300, 200);
    a.fill(0.25);
    b.fill(1.0);
    spread(b, a, 300, 200);
    b.accumulate();
    std::printf("%.6f %.6f\n", b.get(100, 100), b.get(299, 199));
}
