#include "database/steady.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>

#define NAME "newel-steady"

/*
 * Lies behind SQLite's own struct of a file, which has a pointer to the
 * methods: ours are the same but for one.
 */
struct steady {
	sqlite3_io_methods methods; /* the first thing in it */
	const sqlite3_io_methods *real;
	int unflushed;
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs vfs;

static int
steady_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	struct steady *s = (struct steady *)(uintptr_t)file->pMethods;
	int rc = s->real->xWrite(file, bytes, n, at);

	if (rc != SQLITE_OK)
		return rc;
	s->unflushed += n;
	if (s->unflushed < STEADY_BYTES)
		return SQLITE_OK;
	s->unflushed = 0;
	return s->real->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

static int
steady_open(sqlite3_vfs *v, const char *path, sqlite3_file *file, int flags,
    int *out_flags)
{
	struct steady *s =
	    (struct steady *)((unsigned char *)file + real_vfs->szOsFile);
	int rc = real_vfs->xOpen(real_vfs, path, file, flags, out_flags);

	(void)v;
	if (rc != SQLITE_OK)
		return rc;
	*s = (struct steady){ .methods = *file->pMethods,
		.real = file->pMethods };
	s->methods.xWrite = steady_write;
	file->pMethods = &s->methods;
	return SQLITE_OK;
}

static void
set_up(void)
{
	int rc;

	real_vfs = sqlite3_vfs_find(NULL);
	assert(real_vfs != NULL &&
	       (size_t)real_vfs->szOsFile % _Alignof(struct steady) == 0);
	vfs = *real_vfs;
	vfs.zName = NAME;
	vfs.szOsFile += (int)sizeof(struct steady);
	vfs.xOpen = steady_open;
	rc = sqlite3_vfs_register(&vfs, 0);
	assert(rc == SQLITE_OK);
	(void)rc;
}

const char *
steady_vfs(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_up);
	return NAME;
}
