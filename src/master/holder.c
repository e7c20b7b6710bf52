#include "master/holder.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STATE_LISTEN 10

/* The fields of a line of /proc/net/tcp that matter, from 0. */
#define FIELD_LOCAL 1 /* "0100007F:008F", in hexadecimal */
#define FIELD_STATE 3
#define FIELD_INODE 9
#define FIELDS      10

/* The inode of the socket in a line, if it listens on port; else 0. */
static unsigned long
inode_of(char *line, uint16_t port)
{
	char *fields[FIELDS] = { NULL };
	char *rest = NULL;
	char *field = strtok_r(line, " ", &rest);
	const char *colon;

	for (size_t i = 0; i < FIELDS && field != NULL; i++) {
		fields[i] = field;
		field = strtok_r(NULL, " ", &rest);
	}
	if (fields[FIELD_INODE] == NULL)
		return 0;
	colon = strchr(fields[FIELD_LOCAL], ':');
	if (colon == NULL || strtoul(colon + 1, NULL, 16) != port ||
	    strtoul(fields[FIELD_STATE], NULL, 16) != STATE_LISTEN)
		return 0;
	return strtoul(fields[FIELD_INODE], NULL, 10);
}

static bool
find_inode(const char *table, uint16_t port, unsigned long *out)
{
	char line[512];
	FILE *f = fopen(table, "re");

	*out = 0;
	while (f != NULL && *out == 0 && fgets(line, sizeof(line), f) != NULL)
		*out = inode_of(line, port);
	if (f != NULL)
		(void)fclose(f);
	return *out != 0;
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
