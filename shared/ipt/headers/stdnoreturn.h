#ifndef IPT_STDNORETURN_H
#define IPT_STDNORETURN_H
#ifndef __cplusplus
#define noreturn _Noreturn
#endif
#endif
