// Springs between masses, with a class for points and one for the chain.
//
// Usage: classes [masses] [steps]
#include <cmath>
#include <cstdio>
#include <cstdlib>

struct Point {
    double x = 0.0, v = 0.0;

    void move(double dt) { x += v * dt; }
    double energy() const { return 0.5 * v * v; }
};

class Chain {
public:
    explicit Chain(int n) : n_(n), points_(new Point[n]), force_(new double[n])
    {
        for (int i = 0; i < n_; i++)
            points_[i].x = i + 0.1 * std::sin(0.5 * i);
    }
    ~Chain()
    {
        delete[] points_;
        delete[] force_;
    }
    Chain(const Chain&) = delete;
    Chain& operator=(const Chain&) = delete;

    void step(double dt)
    {
        for (int i = 1; i < n_ - 1; i++)
            force_[i] = points_[i - 1].x - 2.0 * points_[i].x + points_[i + 1].x;
        for (int i = 1; i < n_ - 1; i++) {
            points_[i].v += dt * force_[i];
            points_[i].move(dt);
        }
    }

    double energy() const
    {
        double sum = 0.0;
        for (int i = 0; i < n_; i++)
            sum += points_[i].energy();
        return sum;
    }

    const Point& at(int i) const { return points_[i]; }

private:
    int n_;
    Point* points_;
    double* force_;
};

int main(int argc, char** argv)
{
    int n = argc > 1 ? std::atoi(argv[1]) : 1000;
    int steps = argc > 2 ? std::atoi(argv[2]) : 100;
    if (n < 3)
        return 1;
    Chain chain(n);
    for (int s = 0; s < steps; s++)
        chain.step(0.01);
    std::printf("energy %.10f\n", chain.energy());
    std::printf("middle at %.8f\n", chain.at(n / 2).x);
    return 0;
}
