#ifndef IO_SANDBOX_PRIVATE_H
#define IO_SANDBOX_PRIVATE_H

#include "io/sandbox.h"

/* A sanitizer reads files and forks to make its report. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Logs what failed with errno, and is ST_IO. */
enum status sandbox_failed(const struct sandbox *s, const char *what);

/*
 * Landlock in two steps: paths are opened while they are still in reach, and
 * the rules hold from the second on.  *out_rules is a descriptor, or -1 if
 * the kernel can't.
 */
enum status landlock_prepare(const struct sandbox *s, int *out_rules);
enum status landlock_enter(const struct sandbox *s, int *rules);

/* The filter of system calls; no privilege is needed. */
enum status seccomp_enter(const struct sandbox *s);

#endif
