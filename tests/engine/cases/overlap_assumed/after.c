/* Where the two pointers come from is not visible in this file alone. */
#include <stdio.h>

void scale(int n, double factor, const double *from, double *to)
{
	/* ipt: taken as true, not proved: the memory of from, to does not overlap. */
	#pragma omp parallel for default(none) shared(n, to, factor, from) \
	    schedule(runtime)
	for (int i = 0; i < n; i++)
		to[i] = factor * from[i];
}

int main(int argc, char **argv)
{
	static double store[4000];
	#pragma omp parallel for default(none) shared(store)
	for (int i = 0; i < 4000; i++)
		store[i] = i;
	scale(2000, 0.5, store, store + 2000);
	printf("%.3f %.3f\n", store[2000 + argc], store[3999]);
	return 0;
}
