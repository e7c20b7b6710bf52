#ifndef DATABASE_STEADY_H
#define DATABASE_STEADY_H

/*
 * SQLite's way to the files of a database that is written behind what people
 * wait for.
 *
 * A disk does in order what it is asked to: the flush of a commit waits for
 * all that others have given it, and SQLite gives it megabytes at once.  Here
 * each file is flushed whenever STEADY_BYTES were written to it, so that
 * nobody waits for more than that.  It costs the writer a part of its time.
 */
#define STEADY_BYTES 262144

/* The name for sqlite3_open_v2(). */
const char *steady_vfs(void);

#endif
