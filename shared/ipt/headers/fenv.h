#ifndef IPT_FENV_H
#define IPT_FENV_H
#ifdef __cplusplus
extern "C" {
#endif
typedef unsigned int fexcept_t;
typedef struct {
  unsigned int ipt_state[8];
} fenv_t;
#define FE_INVALID 1
#define FE_DIVBYZERO 4
#define FE_OVERFLOW 8
#define FE_UNDERFLOW 16
#define FE_INEXACT 32
#define FE_ALL_EXCEPT 61
#define FE_TONEAREST 0
#define FE_DOWNWARD 0x400
#define FE_UPWARD 0x800
#define FE_TOWARDZERO 0xc00
int feclearexcept(int which);
int fegetround(void);
int feraiseexcept(int which);
int fesetround(int mode);
int fetestexcept(int which);
int fegetenv(fenv_t *state);
int fesetenv(const fenv_t *state);
#ifdef __cplusplus
}
#endif
#endif
