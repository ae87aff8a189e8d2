#ifndef IPT_STRING_H
#define IPT_STRING_H
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
void *memcpy(void *__restrict to, const void *__restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
int memcmp(const void *left, const void *right, size_t size);
void *memset(void *block, int value, size_t size);
char *strcpy(char *__restrict to, const char *__restrict from);
char *strncpy(char *__restrict to, const char *__restrict from, size_t size);
char *strcat(char *__restrict to, const char *__restrict from);
char *strncat(char *__restrict to, const char *__restrict from, size_t size);
int strcmp(const char *left, const char *right);
int strncmp(const char *left, const char *right, size_t size);
int strcoll(const char *left, const char *right);
size_t strxfrm(char *__restrict to, const char *__restrict from, size_t size);
size_t strlen(const char *text);
size_t strspn(const char *text, const char *accept);
size_t strcspn(const char *text, const char *reject);
char *strtok(char *__restrict text, const char *__restrict delimiters);
char *strerror(int number);
#ifdef __cplusplus
const void *memchr(const void *block, int value, size_t size);
const char *strchr(const char *text, int letter);
const char *strrchr(const char *text, int letter);
const char *strpbrk(const char *text, const char *accept);
const char *strstr(const char *text, const char *part);
#else
void *memchr(const void *block, int value, size_t size);
char *strchr(const char *text, int letter);
char *strrchr(const char *text, int letter);
char *strpbrk(const char *text, const char *accept);
char *strstr(const char *text, const char *part);
#endif
#if !defined __STRICT_ANSI__ || defined _POSIX_C_SOURCE || defined _GNU_SOURCE
char *strdup(const char *text);
char *strndup(const char *text, size_t size);
size_t strnlen(const char *text, size_t most);
char *strtok_r(char *__restrict text, const char *__restrict delimiters,
               char **__restrict rest);
char *strsep(char **__restrict text, const char *__restrict delimiters);
int strcasecmp(const char *left, const char *right);
int strncasecmp(const char *left, const char *right, size_t size);
void bzero(void *block, size_t size);
#endif
#ifdef __cplusplus
}
#endif
#endif
