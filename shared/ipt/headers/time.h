#ifndef IPT_TIME_H
#define IPT_TIME_H
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef long time_t;
typedef long clock_t;
typedef int clockid_t;
struct timespec {
  time_t tv_sec;
  long tv_nsec;
};
struct tm {
  int tm_sec;
  int tm_min;
  int tm_hour;
  int tm_mday;
  int tm_mon;
  int tm_year;
  int tm_wday;
  int tm_yday;
  int tm_isdst;
  long tm_gmtoff;
  const char *tm_zone;
};
#define CLOCKS_PER_SEC ((clock_t)1000000)
#define TIME_UTC 1
clock_t clock(void);
double difftime(time_t late, time_t early);
time_t mktime(struct tm *parts);
time_t time(time_t *now);
char *asctime(const struct tm *parts);
char *ctime(const time_t *now);
struct tm *gmtime(const time_t *now);
struct tm *localtime(const time_t *now);
size_t strftime(char *__restrict text, size_t size, const char *__restrict format,
                const struct tm *__restrict parts);
int timespec_get(struct timespec *now, int base);
#if !defined __STRICT_ANSI__ || defined _POSIX_C_SOURCE || defined _GNU_SOURCE
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
int clock_gettime(clockid_t clock, struct timespec *now);
int clock_getres(clockid_t clock, struct timespec *step);
int nanosleep(const struct timespec *wanted, struct timespec *rest);
struct tm *gmtime_r(const time_t *__restrict now, struct tm *__restrict parts);
struct tm *localtime_r(const time_t *__restrict now, struct tm *__restrict parts);
#endif
#ifdef __cplusplus
}
#endif
#endif
