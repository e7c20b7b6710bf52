#ifndef CLI_FILES_H
#define CLI_FILES_H

#include <sys/stat.h>

#include "base/buf.h"
#include "base/status.h"

/*
 * Files of people, which root may be reading or writing: symbolic links
 * aren't followed, and only plain files are opened.
 *
 * Errors  ST_NOTFOUND, ST_LIMIT, ST_DENIED (no plain file), ST_IO; *why is a
 *         few words about it.
 */
enum status files_read(int folder, const char *name, size_t limit,
    struct buf *out, struct stat *out_stat, const char **why);

/* A folder in a folder; its descriptor. */
enum status files_folder(int folder, const char *name, int *out_fd,
    const char **why);

/* The same, made if it isn't there. */
enum status files_make_folder(int folder, const char *name, int *out_fd,
    const char **why);

/*
 * Writes a whole file, in place of one that there may be.  mtime_wall is
 * seconds since 1970; 0 leaves it at now.
 */
enum status files_write(int folder, const char *name, struct span bytes,
    int64_t mtime_wall, const char **why);

/*
 * The same in pieces, for one file at a time in a folder.  After an error of
 * one of these, and to give up, files_discard().
 */
enum status files_create(int folder, int *out_fd, const char **why);
enum status files_put(int fd, struct span bytes, const char **why);
/* fd is closed in any case. */
enum status files_finish(int folder, const char *name, int fd,
    int64_t mtime_wall, const char **why);
void files_discard(int folder, int fd);

/* Calls fn for each name in a folder but "." and ".."; false ends it. */
typedef bool files_fn(void *ctx, const char *name);
enum status files_list(int folder, files_fn *fn, void *ctx, const char **why);

#endif
