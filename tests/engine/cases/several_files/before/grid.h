#ifndef GRID_H
#define GRID_H

#define SIZE 20000

extern double grid[SIZE];
extern int steps;

static inline double half(double x) { return 0.5 * x; }

double weight(int i);
void relax(double *next, const double *now, int n);

#endif
