/*
 * Bodies that attract each other, moved in small steps.
 *
 * Usage: nbody [BODIES [STEPS]]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST 20000
#define DT 0.001
#define SOFTENING 0.01

static double position[MOST][3];
static double velocity[MOST][3];
static double force[MOST][3];

static void place(int n)
{
    for (int i = 0; i < n; i++) {
        position[i][0] = cos(0.1 * i) * (1.0 + 0.01 * (i % 10));
        position[i][1] = sin(0.1 * i) * (1.0 + 0.01 * (i % 7));
        position[i][2] = 0.001 * (i % 13);
        for (int d = 0; d < 3; d++) {
            velocity[i][d] = 0.0;
        }
    }
}

static void step(int n)
{
    int i, j, d;
    double apart[3];

    for (i = 0; i < n; i++) {
        for (d = 0; d < 3; d++) {
            force[i][d] = 0.0;
        }
        for (j = 0; j < n; j++) {
            double square = SOFTENING;
            for (d = 0; d < 3; d++) {
                apart[d] = position[j][d] - position[i][d];
                square += apart[d] * apart[d];
            }
            double pull = 1.0 / (square * sqrt(square));
            for (d = 0; d < 3; d++) {
                force[i][d] += pull * apart[d];
            }
        }
    }

    for (i = 0; i < n; i++) {
        for (d = 0; d < 3; d++) {
            velocity[i][d] += DT * force[i][d] / n;
            position[i][d] += DT * velocity[i][d];
        }
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 600;
    int steps = argc > 2 ? atoi(argv[2]) : 20;
    if (n < 1 || n > MOST || steps < 0) {
        fprintf(stderr, "nbody: give 1 to %d bodies, and no negative steps\n", MOST);
        return 1;
    }

    place(n);
    for (int s = 0; s < steps; s++) {
        step(n);
    }

    printf("bodies %d, steps %d\n", n, steps);
    printf("first  %.9f %.9f %.9f\n", position[0][0], position[0][1], position[0][2]);
    printf("last   %.9f %.9f %.9f\n", position[n - 1][0], position[n - 1][1],
           position[n - 1][2]);
    return 0;
}
