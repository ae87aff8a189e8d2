#ifndef IPT_SETJMP_H
#define IPT_SETJMP_H
#ifdef __cplusplus
extern "C" {
#endif
typedef long jmp_buf[32];
int setjmp(jmp_buf place) __attribute__((returns_twice));
void longjmp(jmp_buf place, int value) __attribute__((noreturn));
#ifdef __cplusplus
}
#endif
#endif
