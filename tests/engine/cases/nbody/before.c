/* Bodies that attract each other, moved in small time steps.
 *
 * Usage: nbody [bodies] [time steps]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct body {
    double x, y, z;
    double vx, vy, vz;
    double mass;
};

static void advance(struct body *bodies, int n, double dt)
{
    for (int i = 0; i < n; i++) {
        double ax = 0.0, ay = 0.0, az = 0.0;
        for (int j = 0; j < n; j++) {
            double dx = bodies[j].x - bodies[i].x;
            double dy = bodies[j].y - bodies[i].y;
            double dz = bodies[j].z - bodies[i].z;
            double r2 = dx * dx + dy * dy + dz * dz + 1e-3;
            double pull = bodies[j].mass / (r2 * sqrt(r2));
            ax += pull * dx;
            ay += pull * dy;
            az += pull * dz;
        }
        bodies[i].vx += dt * ax;
        bodies[i].vy += dt * ay;
        bodies[i].vz += dt * az;
    }

    for (int i = 0; i < n; i++) {
        bodies[i].x += dt * bodies[i].vx;
        bodies[i].y += dt * bodies[i].vy;
        bodies[i].z += dt * bodies[i].vz;
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 800;
    int steps = argc > 2 ? atoi(argv[2]) : 20;

    if (n < 1 || steps < 0) {
        fprintf(stderr, "usage: nbody [bodies, at least 1] [steps]\n");
        return 1;
    }

    struct body *bodies = malloc(n * sizeof *bodies);
    if (bodies == NULL) {
        fprintf(stderr, "nbody: not enough memory\n");
        return 1;
    }

    for (int i = 0; i < n; i++) {
        bodies[i].x = cos(i);
        bodies[i].y = sin(2.0 * i);
        bodies[i].z = cos(3.0 * i) * sin(i);
        bodies[i].vx = bodies[i].vy = bodies[i].vz = 0.0;
        bodies[i].mass = 1.0 / n;
    }

    for (int step = 0; step < steps; step++)
        advance(bodies, n, 0.01);

    double energy = 0.0;
    for (int i = 0; i < n; i++) {
        double v2 = bodies[i].vx * bodies[i].vx + bodies[i].vy * bodies[i].vy
            + bodies[i].vz * bodies[i].vz;
        energy += 0.5 * bodies[i].mass * v2;
    }

    printf("nbody: %d bodies, %d steps\n", n, steps);
    printf("kinetic energy: %.9f\n", energy);
    printf("first body at:  %.9f %.9f %.9f\n", bodies[0].x, bodies[0].y, bodies[0].z);
    free(bodies);
    return 0;
}
