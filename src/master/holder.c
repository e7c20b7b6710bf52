#include "master/holder.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STATE_LISTEN 0x0a

/* The inode of a socket that listens on port, out of /proc/net/tcp. */
static bool
find_inode(const char *table, uint16_t port, unsigned long *out)
{
	char line[512];
	FILE *f = fopen(table, "re");
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL) {
		unsigned local;
		unsigned state;

		found = sscanf(line,
			    " %*u: %*32[0-9A-Fa-f]:%x %*32[0-9A-Fa-f]:%*x %x "
			    "%*x:%*x %*x:%*x %*x %*u %*u %lu",
			    &local, &state, out) == 3 &&
		        local == port && state == STATE_LISTEN;
	}
	if (f != NULL)
		(void)fclose(f);
	return found;
}

static bool
has_socket(const char *pid, unsigned long inode)
{
	char path[PATH_MAX];
	char link[64];
	char want[64];
	const struct dirent *e;
	bool found = false;
	DIR *d;

	(void)snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	(void)snprintf(want, sizeof(want), "socket:[%lu]", inode);
	d = opendir(path);
	while (d != NULL && !found && (e = readdir(d)) != NULL) {
		ssize_t n =
		    readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);

		if (n > 0) {
			link[n] = '\0';
			found = strcmp(link, want) == 0;
		}
	}
	if (d != NULL)
		closedir(d);
	return found;
}

static void
say_process(const char *pid, struct buf *out)
{
	char path[PATH_MAX];
	char name[64] = "?";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "re");
	if (f != NULL) {
		if (fgets(name, sizeof(name), f) != NULL)
			name[strcspn(name, "\n")] = '\0';
		(void)fclose(f);
	}
	buf_printf(out, "%s (process %s)", name, pid);
}

bool
holder_find(uint16_t port, struct buf *out)
{
	const struct dirent *e;
	unsigned long inode;
	bool found = false;
	DIR *d;

	if (!find_inode("/proc/net/tcp", port, &inode) &&
	    !find_inode("/proc/net/tcp6", port, &inode))
		return false;
	d = opendir("/proc");
	while (d != NULL && !found && (e = readdir(d)) != NULL) {
		found = isdigit((unsigned char)e->d_name[0]) &&
		        has_socket(e->d_name, inode);
		if (found)
			say_process(e->d_name, out);
	}
	if (d != NULL)
		closedir(d);
	return found;
}
