#ifndef IPT_UNISTD_H
#define IPT_UNISTD_H
#include <sys/types.h>
#ifdef __cplusplus
extern "C" {
#endif
#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#define _SC_PAGESIZE 30
#define _SC_NPROCESSORS_ONLN 84
extern char *optarg;
extern int optind;
extern int opterr;
extern int optopt;
int getopt(int count, char *const words[], const char *options);
ssize_t read(int number, void *block, size_t size);
ssize_t write(int number, const void *block, size_t size);
int close(int number);
off_t lseek(int number, off_t offset, int whence);
int access(const char *name, int mode);
int unlink(const char *name);
int isatty(int number);
unsigned int sleep(unsigned int seconds);
int usleep(unsigned int microseconds);
long sysconf(int name);
pid_t getpid(void);
char *getcwd(char *text, size_t size);
void _exit(int status) __attribute__((noreturn));
#ifdef __cplusplus
}
#endif
#endif
