/* Tabs, line ends of another system, no line end at the end: l‰ﬂt alles stehen. */
#include <stdio.h>

int	main(void)
{
	static int	a[5000];   int i ;
	for(i=0;i<5000;i++)	/* odd  spacing */
	{ a[ i ]=i*  3; }
	printf("%d\n" , a[ 4321 ]) ; return 0;
}