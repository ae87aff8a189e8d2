#ifndef IPT_STDIO_H
#define IPT_STDIO_H
#include <stdarg.h>
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef struct ipt_file FILE;
typedef struct {
  long ipt_place;
} fpos_t;
#if !defined __STRICT_ANSI__ || defined _POSIX_C_SOURCE || defined _GNU_SOURCE
typedef long ssize_t;
typedef long off_t;
#endif
extern FILE *stdin;
extern FILE *stdout;
extern FILE *stderr;
#define stdin stdin
#define stdout stdout
#define stderr stderr
#define EOF (-1)
#define BUFSIZ 8192
#define FILENAME_MAX 4096
#define FOPEN_MAX 16
#define L_tmpnam 20
#define TMP_MAX 238328
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2
int remove(const char *name);
int rename(const char *from, const char *to);
FILE *tmpfile(void);
char *tmpnam(char *name);
int fclose(FILE *file);
int fflush(FILE *file);
FILE *fopen(const char *__restrict name, const char *__restrict mode);
FILE *freopen(const char *__restrict name, const char *__restrict mode,
              FILE *__restrict file);
void setbuf(FILE *__restrict file, char *__restrict buffer);
int setvbuf(FILE *__restrict file, char *__restrict buffer, int mode, size_t size);
int printf(const char *__restrict format, ...);
int fprintf(FILE *__restrict file, const char *__restrict format, ...);
int sprintf(char *__restrict text, const char *__restrict format, ...);
int snprintf(char *__restrict text, size_t size, const char *__restrict format, ...);
int scanf(const char *__restrict format, ...);
int fscanf(FILE *__restrict file, const char *__restrict format, ...);
int sscanf(const char *__restrict text, const char *__restrict format, ...);
int vprintf(const char *__restrict format, va_list values);
int vfprintf(FILE *__restrict file, const char *__restrict format, va_list values);
int vsprintf(char *__restrict text, const char *__restrict format, va_list values);
int vsnprintf(char *__restrict text, size_t size, const char *__restrict format,
              va_list values);
int vscanf(const char *__restrict format, va_list values);
int vfscanf(FILE *__restrict file, const char *__restrict format, va_list values);
int vsscanf(const char *__restrict text, const char *__restrict format, va_list values);
int fgetc(FILE *file);
char *fgets(char *__restrict text, int size, FILE *__restrict file);
int fputc(int letter, FILE *file);
int fputs(const char *__restrict text, FILE *__restrict file);
int getc(FILE *file);
int getchar(void);
int putc(int letter, FILE *file);
int putchar(int letter);
int puts(const char *text);
int ungetc(int letter, FILE *file);
size_t fread(void *__restrict block, size_t size, size_t count, FILE *__restrict file);
size_t fwrite(const void *__restrict block, size_t size, size_t count,
              FILE *__restrict file);
int fgetpos(FILE *__restrict file, fpos_t *__restrict place);
int fsetpos(FILE *file, const fpos_t *place);
int fseek(FILE *file, long offset, int whence);
long ftell(FILE *file);
void rewind(FILE *file);
void clearerr(FILE *file);
int feof(FILE *file);
int ferror(FILE *file);
void perror(const char *text);
#if !defined __STRICT_ANSI__ || defined _POSIX_C_SOURCE || defined _GNU_SOURCE
int fileno(FILE *file);
FILE *fdopen(int number, const char *mode);
FILE *popen(const char *command, const char *mode);
int pclose(FILE *file);
ssize_t getline(char **__restrict text, size_t *__restrict size,
                FILE *__restrict file);
ssize_t getdelim(char **__restrict text, size_t *__restrict size, int delimiter,
                 FILE *__restrict file);
int dprintf(int number, const char *__restrict format, ...);
int asprintf(char **__restrict text, const char *__restrict format, ...);
#endif
#ifdef __cplusplus
}
#endif
#endif
